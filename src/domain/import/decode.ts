import { isUtf8 } from 'node:buffer';
import { AppError, invalid } from '../base/errors.ts';
import { type LongText, textOfBytes, textOfString } from './long-text.ts';

/** The most bytes of a file. V8's longest string is a little longer, so decoding never fails for size. */
const MAX_BYTES = 500_000_000;

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

function encodingOf(bytes: Uint8Array): Encoding {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

function notText(why: string): AppError {
  return invalid(`The file can't be read as text: ${why}. Save it as UTF-8 and import it again.`);
}

/** A file's text without its byte order mark. `isAnsi`: it is in windows-1252, as Excel and Outlook save CSV. */
export type FileText = { text: LongText; isAnsi: boolean };

/** The letters from 0x80 to 0x9F. */
const ANSI_LETTERS = [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'];
/** Bytes that windows-1252 doesn't have, and characters that no text has. */
const NO_TEXT = /(?![\t\n\v\f\r])\p{Cc}/u;

/**
 * Whether bytes that aren't UTF-8 look like windows-1252: no damaged UTF-8, and letters outside ASCII that stand alone.
 * In other alphabets they stand beside each other, and read as windows-1252 an objection in them wouldn't be seen.
 */
function looksAnsi(bytes: Uint8Array): boolean {
  const lenient = new TextDecoder('utf-8').decode(bytes);
  const broken = lenient.match(/\ufffd/g)?.length ?? 0;
  const whole = lenient.match(/[\u0080-\ufffc]/g)?.length ?? 0;
  let high = 0;
  let beside = 0;
  for (const [at, byte] of bytes.entries()) {
    if (byte < 0x80) continue;
    high += 1;
    if ((bytes[at - 1] ?? 0) >= 0x80) beside += 1;
  }
  return whole * 4 <= broken && beside * 4 <= high;
}

/**
 * A file's text without its byte order mark: UTF-8, or UTF-16 with the mark, or windows-1252. VALIDATION_ERROR where
 * the bytes are none of these; LIMIT_EXCEEDED beyond 500 MB.
 */
export function decodeText(bytes: Uint8Array): FileText {
  if (bytes.length > MAX_BYTES) {
    throw new AppError('LIMIT_EXCEEDED', 'The file is larger than 500 MB: split it and import the parts.');
  }
  const file = isUtf8(bytes) ? { text: textOfBytes(bytes), isAnsi: false } : decodedText(bytes);
  if (file.text.slice(0, Math.min(file.text.end, 1000)).includes('\0'))
    throw notText('it holds NUL characters, as UTF-16 without a byte order mark does');
  return file;
}

function decodedText(bytes: Uint8Array): FileText {
  const encoding = encodingOf(bytes);
  const strict = decodedAs(bytes, encoding);
  const text = strict ?? (encoding === 'utf-8' && looksAnsi(bytes) ? decodedAnsi(bytes) : undefined);
  if (text === undefined || (strict === undefined && NO_TEXT.test(text)))
    throw notText(`it holds bytes that aren't ${encoding.toUpperCase()}`);
  return { text: textOfString(text), isAnsi: strict === undefined };
}

/** Node 20 reads windows-1252 as Latin-1, which has no letters from 0x80 to 0x9F. */
function decodedAnsi(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replace(/[\u0080-\u009f]/g, (char) => ANSI_LETTERS[char.charCodeAt(0) - 0x80] ?? char);
}

function decodedAs(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The VALIDATION_ERROR for a format that is always UTF-8. */
export function notUtf8(): AppError {
  return notText("it holds bytes that aren't UTF-8");
}
