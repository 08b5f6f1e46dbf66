import { REFUSED_WORD, TAKEN_BACK_WORD } from './consent-phrases.ts';
import { isNothing } from './placeholders.ts';
import { plain } from './plain.ts';

/**
 * What a cell of a consent column says. `yes` and `no` answer the column's own question; `out` and `in` say it whatever
 * the question is ("unsubscribed"); `agreed` and `refused` answer only a question for an agreement: as an answer to an
 * objection they may mean either. `bounced` and `reached`: that the address can't, or can, be reached. `unasked`: that
 * nobody asked, which is no objection. `unknown`: a word that this file doesn't know. `nothing`: an empty cell, or a URL,
 * such as the link to unsubscribe.
 */
export type ConsentWord =
  | 'yes'
  | 'no'
  | 'out'
  | 'in'
  | 'agreed'
  | 'refused'
  | 'bounced'
  | 'reached'
  | 'unasked'
  | 'unknown'
  | 'nothing';

function words(text: string): string[] {
  return text.split(',').map(plain);
}

/** Yes and no in the languages that exports come in, and what spreadsheets make of TRUE and FALSE there. */
const YES = words(
  'yes,y,true,t,1,on,x,xx,checked,ticked,selected,set,ja,j,jo,oui,o,si,s,sí,sim,tak,ano,áno,da,да,так,evet,igen,kyllä,' +
    'kylla,joo,ναι,はい,是,是的,有,예,네,כן,נכון,نعم,ya,iya,có,haan,jā,jah,taip,wahr,vrai,verdadero,verdadeiro,vero,waar,prawda,' +
    'pravda,igaz,tosi,sant,sand,sann,истина,doğru,真,참,adevărat',
);
const NO = words(
  'no,n,false,f,0,00,off,unchecked,not checked,unticked,not selected,nein,non,não,nao,nee,nej,nei,nie,ne,нет,ні,не,' +
    'hayır,nem,ei,nu,όχι,οχι,いいえ,否,不,不是,没有,無,아니요,아니오,לא,לא נכון,لا,tidak,không,nahin,nē,falsch,faux,falso,onwaar,fałsz,' +
    'falsz,nepravda,hamis,epätosi,falskt,falsk,usann,ложь,yanlış,假,거짓,fals',
);
/** Words that exports write into such columns; "Allow" and "Do Not Allow" are those of Dynamics. */
const IN = words(
  'allow,subscribed,subscriber,active,opted in,opt in,optin,not unsubscribed,never unsubscribed,not opted out,abonniert,angemeldet,abonné,inscrit,suscrito,inscrito,iscritto,' +
    'aangemeld,ingeschreven',
);
const OUT = words(
  'unsubscribed,unsubscribe,unsub,opted out,opt out,optout,optedout,do not email,do not contact,do not mail,do not allow,not allowed,' +
    'disallow,disallowed,dnc,blocked,blocklisted,blacklisted,suppressed,complained,spam,' +
    'withdrawn,revoked,objected,opposed,dnd,abgemeldet,désabonné,désinscrit,dado de baja,baja,descadastrado,disiscritto,afgemeld,uitgeschreven,' +
    'manual,consent form,unsubscribe link',
);
/** Words that agree to what the column asks for: an agreement, or the opposite. */
const AGREED = words(
  'allowed,accept,accepted,agree,agreed,grant,granted,given,confirmed,approved,enabled,live,mailable,erteilt,accordé,' +
    'accepté,otorgado,aceptado,concedido,concesso,accettato,gegeven,verleend,udzielona',
);
const REFUSED = words('disabled');
const REACHED = words('not bounced,never bounced,deliverable,valid,verified');
const BOUNCED_WORDS = words('bounced,bounce,hard bounced,hard bounce,hard,cleaned,undeliverable,invalid');
const UNASKED = words(
  'no consent,without consent,missing consent,never subscribed,non subscribed,nonsubscribed,non subscriber,not subscribed,not opted in,never opted in,transactional,pending,non marketing,nonmarketing,' +
    'non marketing contact,non marketing contacts,set as non marketing,set as non marketing contact,keine einwilligung,' +
    'pas de consentement,sin consentimiento,sem consentimento,nessun consenso,geen toestemming,brak zgody',
);

const MEANINGS: ReadonlyMap<string, ConsentWord> = new Map([
  ...YES.map((word) => [word, 'yes'] as const),
  ...NO.map((word) => [word, 'no'] as const),
  ...OUT.map((word) => [word, 'out'] as const),
  ...IN.map((word) => [word, 'in'] as const),
  ...AGREED.map((word) => [word, 'agreed'] as const),
  ...REFUSED.map((word) => [word, 'refused'] as const),
  ...REACHED.map((word) => [word, 'reached'] as const),
  ...BOUNCED_WORDS.map((word) => [word, 'bounced'] as const),
  ...UNASKED.map((word) => [word, 'unasked'] as const),
]);
const TICKS: ReadonlyMap<string, ConsentWord> = new Map([
  ...['✓', '✔', '✔️', '☑', '☒', '√', '●', '＋', '+'].map((mark) => [mark, 'yes'] as const),
  ...['☐', '✗', '✘', '❌', '○'].map((mark) => [mark, 'no'] as const),
]);
const EMPTY: ReadonlySet<string> = new Set(['', '[]', '{}', 'nan', 'na']);
const LONGEST_ANSWER = 60;
const NO_DATE = /^0{2,4}[-/.]0{1,2}[-/.]0{2,4}/;
const DATE =
  /^\D{0,12}\d{1,4}(?:[-/.年 ]\s?\d{1,2}|[-/. ]\s?\p{L}{3,12}\.?)[-/.月, ]\s?\d{1,4}|^\p{L}{3,12}\.? \d{1,2},? \d{4}|^\d{4}-\d\d-\d\d/u;
const EPOCH = /^1\d{9}(?:\d{3})?$/;
const URL_TEXT = /^<?(?:https?:\/\/|www\.|mailto:)/i;

function textMeaning(cell: string): ConsentWord {
  const text = cell.trim();
  if (EMPTY.has(text.toLowerCase()) || isNothing(text) || NO_DATE.test(text) || URL_TEXT.test(text)) return 'nothing';
  const tick = TICKS.get(text);
  if (tick) return tick;
  const word = plain(text);
  const known = MEANINGS.get(word);
  if (known) return known;
  // Since when somebody objected says that they did.
  if (DATE.test(text) || EPOCH.test(text)) return 'yes';
  if (Number(text) === 0) return 'no';
  if (word.length > LONGEST_ANSWER) return 'unknown';
  return TAKEN_BACK_WORD.test(word) ? 'out' : REFUSED_WORD.test(word) ? 'refused' : 'unknown';
}

/** What a cell of a consent column says: words of any usual language, a date, a number, a tick, JSON's own values. */
export function consentWord(cell: unknown): ConsentWord {
  if (cell === true) return 'yes';
  if (cell === false) return 'no';
  if (typeof cell === 'string') return textMeaning(cell);
  if (typeof cell === 'number') return textMeaning(String(cell));
  if (cell === null || cell === undefined) return 'nothing';
  if (typeof cell === 'object' && Object.keys(cell).length === 0) return 'nothing';
  return 'unknown';
}
