import { withoutControls } from './one-line.ts';

/** What a server said of one address that it delivered nothing to. */
export type Refusal = {
  /** The address as it goes on the wire; unset where the report names none. */
  address?: string;
  /** The reply of SMTP, such as 550. */
  code?: number;
  /** The enhanced code (RFC 3463), such as 5.1.1. */
  enhanced?: string;
  /** The server's words, on one line. They are a stranger's text. */
  words: string;
  /** The address is refused for good: no further message will arrive. */
  isFinal: boolean;
};

const LONGEST_WORDS = 500;
const ENHANCED = /(?<![\d.])([245]\.[0-7]\.\d{1,3})(?![\d.]*\d)/;
const CODE = /(?<![\d.#])([45]\d\d)(?=[\s:-]|$)/;
/** An enhanced code that says only whether it is for good. */
const SAYS_NOTHING = /^[245]\.0\.0$/;
/** Codes that speak of the server, the protocol or the sender, and not of the recipient (RFC 3463, section 3). */
const OF_SENDER = /^[45]\.[357]\./;
/** Words that speak of the recipient, where a server gives no code. */
const NO_SUCH_ADDRESS =
  /user unknown|not recognized|doesn't have an? \S{1,80} account|unknown user|no such (?:user|mailbox|recipient|address|person|account)|(?:user|recipient|mailbox|account|address)(?: \S{1,80})? (?:does not|doesn't|did not) exist|unknown recipient|(?:recipient|address|mailbox) (?:rejected|not found|unavailable|unknown)|couldn't be found|could not be found|wasn't found|was not found|no mailbox here by that name|invalid (?:recipient|mailbox|address)|not a valid (?:user|mailbox|recipient)|(?:account|mailbox) (?:is |has been )?(?:disabled|closed|inactive|discontinued)|existiert nicht|nicht gefunden|unbekannter empfänger|empfänger unbekannt|n['’]existe pas|destinataire inconnu|introuvable|no existe|destinatario desconocido|no se encontró|non esiste|sconosciuto|não existe|não foi encontrado|bestaat niet|finns inte|findes ikke|finnes ikke|ei ole olemassa|nie istnieje|neexistuje|не существует|не найден|bulunamadı|存在しません|不存在|존재하지 않/i;

/** The enhanced code in some words; of several the first that says more than whether it is for good. */
function enhancedIn(texts: readonly string[]): string | undefined {
  const found = texts.flatMap((text) => ENHANCED.exec(text)?.[1] ?? []);
  return found.find((code) => !SAYS_NOTHING.test(code)) ?? found[0];
}

/**
 * What a server's words say of an address: final is a reply of 5xx, unless its enhanced code speaks of the sender.
 * Without any code the words decide.
 *
 * @param texts from the most to the least certain: a status, a diagnostic code, the words of a notice
 */
export function refusalSaid(texts: readonly string[], address?: string): Refusal {
  const known = texts.map((text) => withoutControls(text).slice(0, LONGEST_WORDS));
  const enhanced = enhancedIn(known);
  const code = known.map((text) => CODE.exec(text)?.[1]).find((found) => found !== undefined);
  const isPermanent = enhanced === undefined ? code?.startsWith('5') : enhanced.startsWith('5');
  const isFinal = isPermanent ?? known.some((text) => NO_SUCH_ADDRESS.test(text));
  return {
    ...(address === undefined ? {} : { address }),
    ...(code === undefined ? {} : { code: Number(code) }),
    ...(enhanced === undefined ? {} : { enhanced }),
    words: known.findLast((text) => text !== '') ?? '',
    isFinal: isFinal && !OF_SENDER.test(enhanced ?? ''),
  };
}
