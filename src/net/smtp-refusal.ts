import { LOGIN_CODES, type MailProblem } from './smtp-words.ts';

/**
 * Enhanced codes that speak of the server, the protocol or the sender, and not of the recipient (RFC 3463, section 3): of
 * 5.1, the sender's address is 5.1.7 and 5.1.8.
 */
const OF_SENDER = /^5\.(?:[357]\.|1\.[78]$)/;
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

/**
 * Whether a reply refuses the recipient's address for good, so that no further email goes there: a 5xx to RCPT that
 * speaks neither of the login, the protocol nor the sender. By mistake it would stop every email to somebody who can be
 * reached, so what isn't clear is no such refusal: the email has failed, and that is all.
 */
export function refusesAddress({ status = 0, enhanced = '', command, reply }: MailProblem): boolean {
  if (command !== 'RCPT TO' || status < 500 || LOGIN_CODES.has(status)) return false;
  if (OF_RECIPIENT.test(enhanced)) return true;
  if (OF_SENDER.test(enhanced) || OF_PROTOCOL.has(status)) return false;
  return !SENDER_WORDS.test(reply.replace(ADDRESS, ' '));
}
