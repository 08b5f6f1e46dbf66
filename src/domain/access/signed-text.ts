import { createHmac, timingSafeEqual } from 'node:crypto';

function macOf(purpose: string, key: Buffer, body: string): Buffer {
  return createHmac('sha256', key).update(`${purpose} ${body}`).digest();
}

/** A value as a text that the home signed, for one purpose: visible ASCII, without a space. Anybody can read it. */
export function signedText(purpose: string, value: unknown, key: Buffer): string {
  const body = Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${body}.${macOf(purpose, key, body).toString('base64url')}`;
}

/** The value in a text that the home signed for this purpose; undefined where it didn't. */
export function valueSigned(purpose: string, text: string, key: Buffer): unknown {
  const [body = '', signature = '', ...more] = text.split('.');
  const [given, right] = [Buffer.from(signature, 'base64url'), macOf(purpose, key, body)];
  if (more.length > 0 || given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  // Other letters may stand for the same bytes. A text has one spelling, so that one session is never two.
  if (signature !== right.toString('base64url')) return undefined;
  try {
    return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
