import { IN_ELSEWHERE, OUT_ELSEWHERE, WHOLE_ELSEWHERE } from './consent-elsewhere.ts';
import { anyOf } from './plain.ts';

/*
 * Patterns over settled names (`consent-names.ts`): the one list of words by which columns, cells, traits and events
 * object, complain or bounce.
 */

/** Email, however it is called, and what says that somebody is written to. */
const MAIL = '(?:e ?mails?|mails?|mailings?|newsletters?|marketing|campaigns?)';
/** What may stand between "not" and what a person doesn't want. */
const WANTED =
  '(?:be |to be |to |wish |want |like |allow |send |bulk |mass |receive |receiving |accept |get |use |for |any |more |the |further |our |' +
  'marketing |commercial |permitted |allowed |call |phone |text |sms |fax |or |and |nor |us |me )*';

const WHAT = '(?:e ?mail|mail|contact|market|newsletter|solicit|disturb)';

const COMPLAINED_ENGLISH = [
  'complain',
  'spam ?(?:report|complain|flag|mark)',
  '(?:report|mark|flag)(?:ed|s)? (?:\\w+ ){0,2}(?:as )?(?:spam|junk)',
  '(?:^| )spammed(?: |$)|^(?:is |as |e ?mail |e ?mails )?spam$',
  '(?:^|reported |e ?mail |for )abuse(?:$| ?report| ?complain)',
];

const OUT_ENGLISH = [
  // "Unsuscribed", "unsubcribed" and their like are written by people.
  'unsubsc|unsu[bsc]{1,4}[ri]{1,2}[bp]|desubscri|(?:^| )unsubs?(?: |$)|unsub(?:bed|bing)',
  'opt(?:ed|ing|s)? ?out',
  '(?:no longer|not|never again) (?:currently |anymore )?subscri',
  'no longer (?:wants?|wish\\w*|receiv\\w*|interested in) ',
  // "Not contacted" is a status of sales: "not" alone objects only beside a wish or a permission.
  `(?:^| )(?:do|does|should|must|can|may|will|would|wo) not ${WANTED}${WHAT}`,
  `(?:^| )not (?:be )?(?:to|wish|want|like|allow|send|receive|receiving|accept|use|for|permitted|allowed) ${WANTED}${WHAT}`,
  '(?:^| )do not (?:send|reach|engage|prospect|approach|message|write|bother|nurture|pursue|target|use)(?: |$)',
  'donot(?:allow|send|bulk|mass)*(?:e?mail|contact|market|disturb|mm)',
  '(?:^| )(?:dnc|dne|dnm|d n c|d n e|d n m|d n d)(?: |$)',
  '(?:^|on |is |set |set to |contact |lead |global )dnd(?:$| (?:all|e ?mails?|status|on|yes|enabled|active|activated|set|settings?|list|channels?|date|inbound|contact|flag|call|sms|phone)(?: |$))',
  '(?:^| )no (?:more |further )?(?:bulk |mass |marketing |commercial )?(?:e ?mail|mailing|newsletter|contact(?:ing)?(?: (?!made|yet|info|detail|name|person|attempt|date|since)|$)|marketing(?! (?:budget|team|department|manager|qualif)))',
  '(?:^| )noe?mails?(?: |$)',
  '(?<!fire |noise |dust |weed |cough |appetite )suppress(?:ed|ion|ions)?(?: |$)',
  'black ?list|block ?list|deny ?list|(?:^| )robinson(?: list|liste|$)',
  '(?:withdr[ae]w|revok|object|declin|refus|den[iy]|reject)\\w* (?:\\w+ ){0,2}(?:consent|marketing|processing|contact|permission)',
  '(?:withdr[ae]w|revok|object|declin|refus)\\w* (?:\\w+ ){0,2}e ?mail',
  '(?:consent|permission|marketing|gdpr) (?:\\w+ ){0,2}(?:withdr|revok|refus|declin|object|denied|reject)',
  '(?:^| )objected(?: |$)|^(?:has |gdpr |legal |e ?mail |marketing )*objections?(?: (?:to .+|date|at|received))?$',
  '(?:un|not )(?:mailable|contactable|marketable|emailable)',
  `(?:^| )stop(?:ped)? (?:all )?(?:contact|sending|${MAIL}(?: |$))`,
  'remove[d]? from (?:\\w+ )?(?:mailing|e ?mail|marketing|list)|(?:^| )remove me(?: |$)|take me off',
  `${MAIL} (?:address )?(?:is |are |was )?(?:not allowed|disallowed|forbidden|prohibited|blocked|disabled|suspend\\w*|quarantin\\w*|paused|banned|excluded|exclusion)`,
  'quarantined e ?mail',
  `(?:blocked|disabled|forbidden|suspended|paused) (?:from )?(?:${MAIL}(?: |$))`,
  `exclu(?:de|ded|sion)(?: from)?(?: all| our)? (?:${MAIL}(?: |$)|outreach)`,
  'never (?:e ?mail|contact)(?: |$)|(?:^| )(?:leave|left) (?:the |our )?(?:mailing )?list',
];
/** Words that object where they are the whole name or item, and may be something else in a longer one. */
const WHOLE_ENGLISH = '(?:is |contact |lead |user )?blocked|stop|banned';

/** An agreement, and how one is taken back or refused, in the languages that exports come in: plain beginnings of words. */
const AGREEMENTS =
  'einwilligung|zustimmung|dsgvo|consentement|rgpd|consentimiento|autorizacion|consentimento|autorizacao|lgpd|consenso|toestemming|' +
  'samtycke|samtykke|zgod|souhlas|hozzajarul|suostum|(?:^| )(?:onay|izin|riza)|согласи|згод|同意';
const TAKEN_BACK =
  'withdr[ae]w|revok|widerruf|zuruckgezogen|zuruckgenommen|entzogen|retir|revoq|revoc|revog|ingetrokken|aterkall|tilbagetruk|tilbagekald|' +
  'tilbakekal|trukket|cofni|wycofa|odvola|visszavon|peruut|geri cek|geri al|iptal|отозва|отзыв|відклик|撤回|取消';
const REFUSED =
  'denied|refus|declin|reject|verweiger|abgelehnt|ablehn|nicht erteilt|non accord|negat|denegad|rechazad|negad|recusad|rifiut|geweiger|' +
  'afgewezen|nekad|avslag|avvist|afvist|nektet|odmow|odmitn|zamitn|elutasit|megtagad|kieltay|evatty|redded|отказ|отклон|відмов|' +
  'відхил|拒否|拒绝|拒絕|거부|거절|tu choi|not given|not granted|not ok';
const REFUSALS = `(?:${TAKEN_BACK}|${REFUSED})`;
const AGREEMENT_REFUSED = `(?:${AGREEMENTS})\\S* ?(?:\\S+ ){0,3}${REFUSALS}|${REFUSALS}\\S* ?(?:\\S+ ){0,3}(?:${AGREEMENTS})`;

const IN_ENGLISH = [
  'opt(?:ed|s)? ?in(?: |$)|opted ?in|optin',
  'consent|gdpr|ccpa|permission',
  'subscri(?:be|bed|ber|ption|ptions)(?: |$)',
  'accept(?:s|ed)? (?:\\w+ )?marketing|marketing (?:ok|allowed|accepted|agreement|contact|consent|preference)',
  '(?:allow|may|can)(?:s|ed)? (?:be |we |i )*(?:e ?mail|market|contact|mailing)|(?:e ?mail|mailing|contact)s? (?:allowed|permitted|ok|okay|me)(?: |$)',
  '(?:ok|okay|fine|happy|free|safe|glad|willing|allowed|cleared|yes) (?:for us )?(?:to|for|with|by) (?:be |receive |get |send |being )*(?:\\w+ )?(?:e ?mail|mail|contact|market|news|message|write)',
  'agree[sd]? to (?:be |receive |get )?(?:\\w+ )?(?:contact|e ?mail|market|news|mailing|communication|update)',
  '(?:receive|want)s? (?:to )?(?:be |receive |get )?(?:\\w+ )?(?:e ?mails?|updates?|news|newsletters?|offers|marketing)|(?:get|send) (?:me )?(?:updates?|news)',
  '(?:ok|okay) (?:e ?mail|market|contact)|(?:^| )(?:e ?mail|contact|send|write) (?:to )?me(?: |$)',
  'newsletter|mailing list|marketable|mailable|contactable',
];

const BOUNCED_WORDS = [
  '(?:bounced|bouncing)(?: |$)|bounces(?: |$)|(?:^| |hard|soft)bounce(?:$| (?:date|time|at|on|reason|type|status|category|class|code|message|e ?mail|detected|list|flag))',
  '(?:^| )clean(?:ed)?(?: time| at| date|$)',
  'undeliver(?:ed|able)|unzustellbar|(?:^| )npai(?: |$)|mailbox (?:not found|unavailable|does not exist)',
  '(?:deliver\\w*|permanent) (?:\\w+ )?(?:fail\\w*|errors?)(?: |$)|failed (?:to deliver|delivery)',
  'e ?mail (?:was |is |has been |message )?(?:dropped|rejected|returned|undelivered)|(?:dropped|rejected|returned) e ?mail',
  'invalid e ?mail|e ?mail (?:address )?invalid',
];

/** Words of a status, in the languages that exports come in; the closed compounds of Germanic ones, such as Leadstatus. */
const STATUS_WORDS = [
  '\\S*status(?:es|er)?|\\S*(?:typ|type|typen|types|typus)',
  'state|stage|phase|preferences?|marketing|lifecycle|disposition|tags?|tagi|tagy|lists?|segments?|groups?|categor\\w*|activity|activities',
  'labels?|event|action|outcome|mode|result|response|memberships?|reasons?|notifications?|communications?|channels?|permissions?|settings?',
  'etat|statut|estado|estatus|situa\\w+|stato|fase|faza|etapa|etap|stadium|zustand|stand|stan|stav|allapot|tila|durum\\w*|asama|stadie',
  '\\S*(?:kategori\\w*|gruppen?|etikett?\\w*|schlagworte?r?)|kategooria|kategoria\\w*|groupes?|gruppi|grupos?|grupy?|grupa|csoport\\w*|ryhma\\w*',
  'etiquetas?|etiquettes?|etichett\\w+|listes?|listas?|liste|listen|lijst\\w*|lista|listy|segmentos?|segmenti?|motivos?|motifs?|grund|grunde|raison|razon|reden',
  'powod|duvod|duvody|ok ?ok|syy|neden|tipo|tipus|tur|turu|tyyppi|rodzaj|druh|soort|art',
];
const STATUS_ELSEWHERE =
  '状态|狀態|ステータス|状態|상태|статус|состояни|(?:^| )стан(?: |$)|(?:^| )теги?(?: |$)|метк|мітк|категори|категорі|групп|タグ|标签|標籤|태그|' +
  '类型|類型|種別|種類|유형|分类|分類|原因|理由|사유|причин';

/** Channels that aren't email. How somebody came ("web form", "landing page") is none. */
const CHANNEL_WORDS =
  'calls?|calling|called|donotcall|phones?|donotphone|telephones?|telefon\\w*|telephon\\w*|puhelin\\w*|tel|mobile|cell|anruf\\w*|appels?|llam\\w*|ligar|ligac\\w*|bellen|' +
  'sms|texts?|texting|text messages?|mms|whats ?app|wa|fax|faxes|donotfax|post|postal|letters?|briefe?|courriers?|push|telegram|viber|linkedin|voicemail';
const CHANNELS_ELSEWHERE = '电话|短信|電話|전화|문자';

/** A pattern over plain texts, in which marks are off and the syllables of Korean apart. */
function settledPattern(...sources: readonly string[]): RegExp {
  return new RegExp(sources.join('|').normalize('NFKD').replace(/\p{M}/gu, ''));
}

const COMPLAINED_ANYWHERE = 'spam gemeldet|(?:als|comme|como|come|som) spam|жалоб|скарг|投诉|投訴';
const WHOLE = `^(?:${WHOLE_ENGLISH}|${anyOf(WHOLE_ELSEWHERE).source})$`;

export const COMPLAINED = settledPattern(...COMPLAINED_ENGLISH, COMPLAINED_ANYWHERE);
export const OPT_OUT = settledPattern(
  ...COMPLAINED_ENGLISH,
  COMPLAINED_ANYWHERE,
  ...OUT_ENGLISH,
  WHOLE,
  AGREEMENT_REFUSED,
  anyOf(OUT_ELSEWHERE).source,
);
export const OPT_IN = settledPattern(...IN_ENGLISH, anyOf(IN_ELSEWHERE).source);
export const BOUNCED = settledPattern(...BOUNCED_WORDS);
export const STATUS = settledPattern(`(?:^| )(?:${STATUS_WORDS.join('|')})(?: |$)`, STATUS_ELSEWHERE);
/** A channel that isn't email, anywhere in a text. */
export const CHANNEL = settledPattern(
  `(?:^| )(?:${CHANNEL_WORDS})(?: |$)`,
  CHANNELS_ELSEWHERE,
  'donot(?:phone|fax|sms|call)',
);
/** A text that names channels alone, such as "SMS" or "phone calls". */
export const BARE_CHANNEL = settledPattern(
  `^(?:(?:${CHANNEL_WORDS}|${CHANNELS_ELSEWHERE}|messages?|numbers?|only|or|and) ?)+$`,
);
export const MAIL_CHANNEL = settledPattern(
  '(?:e ?|g)mail|newsletter|mailing|(?:^| )mails?(?: |$)|courriel|correo|mejl|sahkoposti|почт|пошт|メール|邮件|郵件|메일',
);
/** What a cell says of an agreement that was given once and is taken back, or that wasn't given. */
export const TAKEN_BACK_WORD = settledPattern(`^(?:\\S+ ){0,2}(?:${TAKEN_BACK})`);
export const REFUSED_WORD = settledPattern(`(?:^| )(?:${REFUSED})`);
