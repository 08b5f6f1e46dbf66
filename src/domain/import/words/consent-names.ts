import { IN_ELSEWHERE, OUT_ELSEWHERE } from './consent-elsewhere.ts';
import { anyOf, plain } from './plain.ts';

/**
 * What the name of a column, trait or event says, or a word in a status column: an objection to email (`out`), an
 * address that can't be reached (`bounced`), an agreement (`in`), or a status, whose values say it.
 */
export type ConsentName = 'out' | 'bounced' | 'in' | 'status';

const OUT_ENGLISH = [
  'unsubscri|(?:^| )unsubs?(?: |$)|unsub(?:bed|bing)',
  'opt(?:ed|ing|s)? ?out',
  '(?:^| )(?:do|does|did|should|must|can|may|will)? ?not (?:be |to be |to |wish |want |like )*(?:to )?' +
    '(?:allow |send |bulk |mass |receive |accept |get |use for |for )*(?:any |more |bulk |mass |marketing |the |further |our )*' +
    '(?:e ?mail|mail|contact|market|newsletter|solicit|disturb)',
  'donot(?:allow|send|bulk|mass)*(?:e?mail|contact|market|disturb)',
  '(?:^| )don ?t (?:e ?mail|mail|contact|send|market)',
  '(?:^| )(?:dnc|dne|dnm)(?: |$)',
  '(?:^| )no (?:more |further )?(?:bulk |mass |marketing |commercial )?(?:e ?mail|mailing|newsletter|contact(?:ing)?(?: |$)|marketing)',
  '(?:^| )noe?mails?(?: |$)',
  'complain',
  'spam (?:report|complain|flag|mark)|(?:report|mark|flag)(?:ed|s)? (?:\\w+ ){0,2}(?:as )?(?:spam|junk)|^(?:is |as )?spam(?:med)?$',
  'suppress|black ?list|block ?list|deny ?list|(?:^| )robinson',
  '(?:withdr[ae]w|revok|object|declin|refus)\\w* (?:\\w+ ){0,2}(?:consent|marketing|e ?mail|processing|contact|permission)',
  '(?:consent|permission|marketing|gdpr) (?:\\w+ )?(?:withdr|revok|refus|declin|object)|(?:^| )objected(?: |$)',
  '(?:un|not )(?:mailable|contactable|marketable|emailable)',
  '(?:^| )stop(?:ped)? (?:all )?(?:e ?mail|mailing|contact|marketing|sending)',
  'remove[d]? from (?:\\w+ )?(?:mailing|e ?mail|marketing|list)',
  '(?:e ?mails?|marketing|newsletters?|mailings?) (?:is |are )?(?:not allowed|disallowed|forbidden|prohibited|blocked|disabled)',
  '(?:blocked|disabled|forbidden) (?:e ?mail|marketing|newsletter)',
  'never (?:e ?mail|contact)|(?:^| )(?:leave|left) (?:the |our )?(?:mailing )?list',
];

const IN_ENGLISH = [
  'opt(?:ed|s)? ?in(?: |$)|opted ?in|optin',
  'consent|gdpr|ccpa|permission',
  'subscri(?:be|bed|ber|ption|ptions)(?: |$)',
  'accept(?:s|ed)? (?:\\w+ )?marketing|marketing (?:ok|allowed|accepted|agreement|contact|consent|preference)',
  '(?:allow|may|can)(?:s|ed)? (?:be |we )*(?:e ?mail|market|contact|mailing)|(?:e ?mail|mailing|contact)s? (?:allowed|permitted|ok)(?: |$)',
  'agree[sd]? to (?:be |receive |get )?(?:\\w+ )?(?:contact|e ?mail|market|news|mailing|communication|update)',
  'receive[s]? (?:\\w+ )?(?:e ?mails?|updates?|news|newsletters?|offers|marketing)|(?:get|send) (?:me )?(?:updates?|news)',
  'newsletter|mailing list|marketable|mailable|contactable',
];

const BOUNCED =
  /bounced?(?: |$)|bounces(?: |$)|(?:^| )clean(?:ed)?(?: time| at| date|$)|undeliverable|unzustellbar|invalid e ?mail|e ?mail (?:address )?invalid/;
const NOT_BOUNCED = /soft|rate|percent|ratio|score|transient|temporar/;
const STATUS_NAMES =
  /(?:^| )(?:status|state|stage|phase|preferences?|marketing|lifecycle|disposition|tags?|labels?|lists?|segments?|groups?|categor\w*|activity|activities|event|action|outcome|mode|result|response|memberships?|etat|statut|estado|stato|fase|etapa|etiket\w*|etiquetas?|schlagworte|gruppen?)(?: |$)|状态|ステータス|상태|статус/;
/** Columns that lead to an objection, or count for a campaign, and say nothing of a contact. */
const ABOUT =
  /(?:^| )(?:link|url|href|token|hash|uuid|guid|page|rate|ratio|percent|percentage|header|text|footer)s?(?: |$)/;
const NEGATED =
  /(?:^| )(?:not|never|non|un|no) (?:yet |been )?(?:unsub|opted out|opt out|bounc|complain|black|block|suppress)/;
const POST = /(?:direct|postal|snail|physical|regular|paper) ?mail(?:ing)?s?/g;
const OTHER_CHANNELS =
  /(?:^| )(?:calls?|calling|called|donotcall|phones?|donotphone|telephones?|telefon\w*|telephon\w*|tel|mobile|cell|anruf\w*|appels?|llam\w*|ligar|ligac\w*|bellen|sms|texts?|texting|text messages?|mms|whats ?app|wa|fax|faxes|donotfax|post|postal|letters?|briefe?|courriers?|push|notifications?|telegram|viber|linkedin|voicemail|in app|web)(?: |$)|donot(?:phone|fax|sms|call)|电话|短信|電話|전화|문자/;
const EMAIL_NAMES = /e ?mail|newsletter|mailing|mails?(?: |$)|courriel|correo|sahkoposti|メール|邮件|郵件|메일/;

const OUT = new RegExp([...OUT_ENGLISH, anyOf(OUT_ELSEWHERE).source].join('|'));
const IN = new RegExp([...IN_ENGLISH, anyOf(IN_ELSEWHERE).source].join('|'));

/** A pattern over plain texts, in which the syllables of Korean are apart. */
function apart(pattern: RegExp): RegExp {
  return new RegExp(pattern.source.normalize('NFKD'));
}

const [STATUS, OTHER_CHANNEL, EMAIL] = [apart(STATUS_NAMES), apart(OTHER_CHANNELS), apart(EMAIL_NAMES)];

/** A plain name with its words for post and for email made plain: Swedish "e-post" is email, "direct mail" isn't. */
function settled(name: string): string {
  return plain(name)
    .replace(/(?:^| )e post/g, ' email')
    .replace(POST, 'post')
    .trim();
}

/** What a name says; undefined for one that has nothing to do with email, an objection to another channel included. */
export function consentName(name: string): ConsentName | undefined {
  const text = settled(name);
  if (text === '' || ABOUT.test(text)) return undefined;
  const isElsewhere = OTHER_CHANNEL.test(text) && !EMAIL.test(text);
  if (OUT.test(text) && !NEGATED.test(text)) return isElsewhere ? undefined : 'out';
  if (isElsewhere) return undefined;
  if (BOUNCED.test(text) && !NOT_BOUNCED.test(text) && !NEGATED.test(text)) return 'bounced';
  if (IN.test(text)) return 'in';
  return STATUS.test(text) ? 'status' : undefined;
}
