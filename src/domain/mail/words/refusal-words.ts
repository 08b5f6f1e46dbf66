/**
 * Enhanced codes that speak of the server, the protocol or the sender, and not of the recipient (RFC 3463, section 3): of
 * 5.1, the sender's address is 5.1.7 and 5.1.8.
 */
const OF_SENDER = /^[45]\.(?:[357]\.|1\.[78]$)/;
/** Enhanced codes that speak of the recipient's mailbox or domain, whatever words stand beside them. */
const OF_RECIPIENT = /^5\.(?:1\.(?:1|2|3|6|10)|2\.1)$/;
/** Replies to a command that wasn't understood, or came at the wrong time (RFC 5321, 4.2.3). */
const OF_PROTOCOL: ReadonlySet<number> = new Set([500, 501, 502, 503, 504]);
/** Words by which servers refuse the sender, its machine or what it may do here: no word of the recipient's address. */
const SENDER_WORDS = new RegExp(
  [
    'sender|\\bfrom (?:address|domain)|mail from|return[- ]path|envelope from',
    'spamhaus|spamcop|barracuda|sorbs|\\bdns ?[brw]l|\\brbl\\b|blocked using|(?:block|black|deny)[- ]?list|reputation|\\bspam\\b|(?<!not )\\blisted (?:at|by|in|on)',
    'relay(?:ing)?\\b.{0,20}(?:denied|prohibited|not|access|refused)|(?:not|unable|cannot|refuse|no|denied) .{0,20}\\brelay|not permitted|not authori[sz]ed|authenticat|\\bauth\\b|permission',
    'reverse dns|\\bptr\\b|\\brdns\\b|\\b(?:spf|dkim|dmarc|helo|ehlo|starttls|tls)\\b|\\byour (?:ip|host|server|domain|network)|client host|too many|rate limit|\\blog ?in\\b',
    // A code cut short.
    '^\\d{3}[ -]5\\.[357]\\b',
  ].join('|'),
  'i',
);
/** An address in a reply: its own words say nothing. */
const ADDRESS = /<[^<>]*>|\S+@\S+/g;

/** A reply that refuses for good: its code, its enhanced code (RFC 3463) and all of its words. */
type PermanentReply = { code: number; enhanced: string; words: string };

/**
 * Whether a reply of 5xx speaks of the recipient's address, so that no further email goes there, and neither of the
 * protocol nor of the sender. By mistake it would stop every email to somebody who can be reached: what isn't clear doesn't.
 */
export function speaksOfAddress({ code, enhanced, words }: PermanentReply): boolean {
  if (OF_RECIPIENT.test(enhanced)) return true;
  if (OF_SENDER.test(enhanced) || OF_PROTOCOL.has(code)) return false;
  return !SENDER_WORDS.test(words.replace(ADDRESS, ' '));
}
