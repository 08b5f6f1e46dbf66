import { withoutControls } from './one-line.ts';
import { speaksOfAddress } from './words/refusal-words.ts';

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
/** Words that speak of the recipient, where a server gives no code. */
const NO_SUCH_ADDRESS =
  /user unknown|not recognized|doesn't have an? \S{1,80} account|unknown user|no such (?:user|mailbox|recipient|address|person|account)|(?:user|recipient|mailbox|account|address)(?: \S{1,80})? (?:does not|doesn't|did not) exist|unknown recipient|(?:recipient|address|mailbox) (?:rejected|not found|unavailable|unknown)|couldn't be found|could not be found|wasn't found|was not found|no mailbox here by that name|invalid (?:recipient|mailbox|address)|not a valid (?:user|mailbox|recipient)|(?:account|mailbox) (?:is |has been )?(?:disabled|closed|inactive|discontinued)|existiert nicht|nicht gefunden|unbekannter empfänger|empfänger unbekannt|n['’]existe pas|destinataire inconnu|introuvable|no existe|destinatario desconocido|no se encontró|non esiste|sconosciuto|não existe|não foi encontrado|bestaat niet|finns inte|findes ikke|finnes ikke|ei ole olemassa|nie istnieje|neexistuje|не существует|не найден|bulunamadı|存在しません|不存在|존재하지 않/i;

/** The enhanced code in some words; of several the first that says more than whether it is for good. */
function enhancedIn(texts: readonly string[]): string | undefined {
  const found = texts.flatMap((text) => ENHANCED.exec(text)?.[1] ?? []);
  return found.find((code) => !SAYS_NOTHING.test(code)) ?? found[0];
}

type Said = { code: number | undefined; enhanced: string | undefined; reply: string };

/** The codes in some words, and the reply that the first of them begins. */
function codesIn(texts: readonly string[]): Said {
  const match = texts.map((text) => CODE.exec(text)).find((found) => found !== null);
  const reply = match ? match.input.slice(match.index) : '';
  return { code: match ? Number(match[1]) : undefined, enhanced: enhancedIn(texts), reply };
}

/** Whether codes refuse for good; without any code the words decide. */
function isPermanent({ code, enhanced }: Said, texts: readonly string[]): boolean {
  if (enhanced !== undefined) return enhanced.startsWith('5');
  return code === undefined ? texts.some((text) => NO_SUCH_ADDRESS.test(text)) : code >= 500;
}

function beginningOf(text: string): string {
  return withoutControls(text).slice(0, LONGEST_WORDS);
}

/** Whether a server's words refuse a message for good, whatever the reason is. */
export function isReturnedFor(words: string): boolean {
  const texts = [beginningOf(words)];
  return isPermanent(codesIn(texts), texts);
}

/**
 * What a server's words say of an address: final is a refusal for good that speaks of the address, and not of the sender.
 *
 * @param texts from the most to the least certain: a status, a diagnostic code, the words of a notice
 */
export function refusalSaid(texts: readonly string[], address?: string): Refusal {
  const known = texts.map(beginningOf);
  const said = codesIn(known);
  const { code, enhanced, reply } = said;
  const isOfAddress = speaksOfAddress({ code: code ?? 0, enhanced: enhanced ?? '', words: reply });
  return {
    ...(address === undefined ? {} : { address }),
    ...(code === undefined ? {} : { code }),
    ...(enhanced === undefined ? {} : { enhanced }),
    words: known.findLast((text) => text !== '') ?? '',
    isFinal: isPermanent(said, known) && isOfAddress,
  };
}
