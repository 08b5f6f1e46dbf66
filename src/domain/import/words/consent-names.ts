import {
  BARE_CHANNEL,
  BOUNCED,
  CHANNEL,
  COMPLAINED,
  MAIL_CHANNEL,
  OPT_IN,
  OPT_OUT,
  STATUS,
} from './consent-phrases.ts';
import { plain } from './plain.ts';

/**
 * What the name of a column, trait or event says, or a word in a status column: an objection to email (`out`), an
 * address that can't be reached (`bounced`), an agreement (`in`), or a status, whose values say it.
 */
export type ConsentName = 'out' | 'bounced' | 'in' | 'status';

const NOT_BOUNCED = /rate|percent|ratio|score|session|visit/;
const SOFT = /soft|transient|temporar/;
/** Columns that lead to an objection, or count for a campaign, and say nothing of a contact. How somebody came is none. */
const ABOUT =
  /(?:^| )(?:rate|ratio|percent|percentage)s?(?: |$)|(?:^| |\p{L})(?:link|url)s?$|(?:^| )(?:href|token|hash|uuid|guid|page|header|text|footer|score|id)s?$|^(?:link|url|href|page|token)s? (?:to|for|of) |(?:^| )(?:page|link) views?(?: |$)/u;
/** The end of a text that says how somebody came to object. */
const BY_WAY =
  /(?:unsub|opt|remov|block|cancel)\S* (?:\S+ )?(?:via|through|thru|using|by|on|at|from|in|with|uber|par|por) (?:\S+ )*(?:page|link|url|web|site|website|form|footer|app|mobile)s?$/;
const VIA =
  /((?:unsub|optedout|optout|opted out|opts? out)\S*(?: \S+)?) (?:via|through|thru|using|by|at|on|during|over|per|uber|durch|par|por|tramite) .*$/;
const NEGATED =
  /(?:^| )(?:not|never|non|no|undo|undone|cancel(?:led)?) (?:yet |been |currently )?(?:unsub|opted out|opt out|bounc|complain|black|block|suppress)/;
const POST = /(?:direct|postal|snail|physical|regular|paper) ?mail(?:ing)?s?/g;
/** Where beside another channel all contact is named, or the other way round. */
const ANY_CONTACT =
  /(?:^| )(?:or|and|nor|und|oder|et|ou|y|o|e|calls?|phone|text|sms|fax) (?:contact|market|kontakt|contacter|contactar)(?:ed|ing)?(?: |$)|(?:^| )contact (?:or|and|nor|calls?|phone|text|sms|fax)(?: |$)/;
/** What parts the items of a list, and what the parts of an item. */
const LIST = /[,;|\n\r"[\]{}、，；]/;
const PARTS = /[/()&:：（）]| [-–—] |[.!?] /;
const URLS = /<?(?:https?:\/\/|www\.|mailto:)\S*/gi;
const MOST_ITEMS = 1_000;
const LONGEST_LIST = 100_000;

/** A plain name with its words for post and for email made plain, and "un subscribed" and "doesn't" made what they are. */
function settled(name: string): string {
  return plain(name)
    .replace(/(?:^| )e post(?:a(?= |$))?/g, ' email')
    .replace(POST, 'post')
    .replace(/(^| )un (?=sub|sus)/g, '$1un')
    .replace(/n t(?= |$)|(?<=(?:^| )(?:do|does|did|would|should|is|are|was|wo))nt(?= |$)/g, ' not')
    .replace(/(?:^| )news letter/g, ' newsletter')
    .trim();
}

function objects(text: string): boolean {
  return OPT_OUT.test(text) && !NEGATED.test(text);
}

function isAbout(text: string): boolean {
  return ABOUT.test(text) && !BY_WAY.test(text);
}

/** What a settled text says in whole. */
function consentMeaning(text: string): ConsentName | undefined {
  if (text === '' || isAbout(text)) return undefined;
  const isOut = objects(text);
  const isElsewhere =
    CHANNEL.test(text) &&
    !MAIL_CHANNEL.test(text) &&
    !(isOut && (ANY_CONTACT.test(text) || !CHANNEL.test(text.replace(VIA, '$1'))));
  if (isElsewhere) return undefined;
  if (isOut) return 'out';
  if (BOUNCED.test(text) && !NOT_BOUNCED.test(text) && !SOFT.test(text) && !NEGATED.test(text)) return 'bounced';
  if (OPT_IN.test(text)) return 'in';
  return STATUS.test(text) ? 'status' : undefined;
}

/**
 * What a name or an item says: one of its parts ("Do Not Call / Do Not Contact", "Unsubscribed (web)"), else the whole. A
 * part that only names a channel belongs to the others: "Opt out (SMS)".
 */
function meaningIn(name: string, parting: RegExp): ConsentName | undefined {
  if (!parting.test(name)) return consentMeaning(settled(name));
  const parts = name
    .split(parting)
    .map(settled)
    .filter((part) => part !== '');
  if (parts.length < 2 || parts.some((part) => BARE_CHANNEL.test(part))) return consentMeaning(settled(name));
  const meanings = parts.map(consentMeaning);
  for (const meaning of ['out', 'bounced'] as const) if (meanings.includes(meaning)) return meaning;
  // A part that objects to another channel, or says that nobody objected, has said it.
  if (parts.some((part) => OPT_OUT.test(part))) return meanings.find((meaning) => meaning !== undefined);
  return consentMeaning(settled(name));
}

const PARTS_OF_NAME = new RegExp(`${LIST.source}|${PARTS.source}`);

/** What a name says; undefined for one that has nothing to do with email, an objection to another channel included. */
export function consentName(name: string): ConsentName | undefined {
  return meaningIn(name, PARTS_OF_NAME);
}

/** Whether a name is about a channel that isn't email, whatever it says of it. */
export function isOtherChannel(name: string): boolean {
  const text = settled(name);
  return CHANNEL.test(text) && !MAIL_CHANNEL.test(text);
}

/** The items of a list in a text, without URLs: the page to unsubscribe on says nothing. */
export function itemsIn(text: string): string[] {
  return text
    .slice(0, LONGEST_LIST)
    .replace(URLS, ' ')
    .split(LIST, MOST_ITEMS)
    .filter((item) => item.trim() !== '');
}

/** What an item of a status, a tag or an agreement says of email. */
export function itemSays(item: string): 'out' | 'bounced' | undefined {
  const meaning = meaningIn(item, PARTS);
  return meaning === 'out' || meaning === 'bounced' ? meaning : undefined;
}

/** How a contact objected or bounced by the name of an event, on any channel, for whatever time; undefined for another. */
export function objectionIn(name: string): 'unsubscribed' | 'complained' | 'bounced' | undefined {
  const text = settled(name);
  if (isAbout(text)) return undefined;
  if (objects(text)) return COMPLAINED.test(text) ? 'complained' : 'unsubscribed';
  return BOUNCED.test(text) && !NOT_BOUNCED.test(text) && !NEGATED.test(text) ? 'bounced' : undefined;
}
