import { AppError, invalid } from '../base/errors.ts';

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

/**
 * A file's text without its byte order mark: UTF-8, or UTF-16 with the mark. VALIDATION_ERROR where the bytes are
 * neither; LIMIT_EXCEEDED beyond 500 MB.
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length > MAX_BYTES) {
    throw new AppError('LIMIT_EXCEEDED', 'The file is larger than 500 MB: split it and import the parts.');
  }
  const encoding = encodingOf(bytes);
  const text = decodeStrictly(bytes, encoding);
  if (text.slice(0, 1000).includes('\0'))
    throw notText('it holds NUL characters, as UTF-16 without a byte order mark does');
  return text;
}

function decodeStrictly(bytes: Uint8Array, encoding: Encoding): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw notText(`it holds bytes that aren't ${encoding.toUpperCase()}`);
  }
}
