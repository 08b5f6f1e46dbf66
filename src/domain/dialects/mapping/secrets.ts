import { isObject } from '../../base/json.ts';
import type { NotCarried } from './dialect.ts';

/** Names of fields, headers and parameters whose value is a key, in one spelling: lower case, without `_`, `-` and spaces. */
const SECRET_NAME =
  /^(x?authorization|proxyauthorization|bearer|basicauth|auth|(set)?cookies?|credentials?)$|(apikey|accesskey|secretkey|privatekey|secret|password|passwd|pwd|passphrase|token)$/;
/** Fields that name an environment variable or hold a token's fate, not the token. */
const NO_SECRET_NAME = /(env|nexttoken|pagetoken)$/;

/**
 * Texts that are keys by their shape, whatever field they stand in. Where words have that shape too, a digit has to be there.
 * Every repetition at the beginning has a bound, so that no text takes long.
 */
const KEY_SHAPES: readonly RegExp[] = [
  /\b(?:sk|pk|rk)[-_](?=[A-Za-z_-]{0,64}\d)[A-Za-z0-9_-]{16,}/g,
  /\bAIza[A-Za-z0-9_-]{30,}/g,
  /\bgh[opsur]_[A-Za-z0-9]{20,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{20,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\bwhsec_[A-Za-z0-9+/=_-]{10,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bcs_[a-z0-9]{4,40}_[A-Za-z0-9_-]{16,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /\b(?:Bearer|Basic|Token)\s{1,4}(?=[^\s\d]{0,64}\d)[A-Za-z0-9._~+/=-]{12,}/g,
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
  // Credentials in a URL: user and password, and the paths of hooks that let in whoever knows them.
  /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@]{0,200}:[^\s/@]{1,200}@/gi,
  /\bhttps:\/\/hooks\.slack\.com\/services\/[^\s"']+/gi,
  /\bhttps:\/\/(?:\w{1,20}\.)?discord(?:app)?\.com\/api\/webhooks\/[^\s"']+/gi,
  /[?&](?:[\w-]{0,40}(?:token|secret|password|api[-_]?key|access[-_]?key)|key|sig|signature|auth)=[^\s&"'#]+/gi,
];
const SHOWN_INSTEAD = '[a key was here]';
/** The name of a variable, and a template over one, are no key. */
const VARIABLE = /^(\$?\{?\{?\s*[A-Za-z_][A-Za-z0-9_.]*\s*\}?\}|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+)$/;

const NEVER_MOVED = 'it looks like a key: keys are never kept or given out. Name an environment variable instead';

function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[_\-\s]/g, '');
  return SECRET_NAME.test(plain) && !NO_SECRET_NAME.test(plain);
}

function isSecretValue(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && !VARIABLE.test(value.trim());
}

/** A text with every key in it replaced by words. */
function withoutKeys(text: string): string {
  return KEY_SHAPES.reduce((shown, shape) => shown.replaceAll(shape, SHOWN_INSTEAD), text);
}

/** Whether a value is a URL that lets in whoever knows it. Without its key it would be another URL, so it goes whole. */
function isUrlWithKey(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z][a-z0-9+.-]{0,20}:\/\/\S+$/i.test(value) && holdsKey(value);
}

/** Whether a text holds what is a key by its shape. */
export function holdsKey(text: string): boolean {
  return withoutKeys(text) !== text;
}

/** The name of the field that holds a secret in a `{name, value}` pair, as lists of headers have it. */
function secretInPair(item: Record<string, unknown>): string | undefined {
  const names = [item.name, item.key, item.header, item.headerName];
  if (!names.some((name) => typeof name === 'string' && isSecretName(name))) return undefined;
  return isSecretValue(item.value) ? 'value' : undefined;
}

function cleaned(value: unknown, path: string, found: NotCarried[]): unknown {
  if (typeof value === 'string') {
    const shown = withoutKeys(value);
    if (shown !== value) found.push({ path, why: NEVER_MOVED });
    return shown;
  }
  if (Array.isArray(value)) return value.map((item, index) => cleaned(item, `${path}[${index}]`, found));
  if (!isObject(value)) return value;
  const ofPair = secretInPair(value);
  const kept: [string, unknown][] = [];
  for (const [name, item] of Object.entries(value)) {
    const place = path === '' ? name : `${path}.${name}`;
    if (name === ofPair || (isSecretName(name) && isSecretValue(item)) || isUrlWithKey(item))
      found.push({ path: place, why: NEVER_MOVED });
    else kept.push([name, cleaned(item, place, found)]);
  }
  return Object.fromEntries(kept);
}

/**
 * An object without keys and secrets. A field that is called like one goes, and so does one whose value is a URL with one. A
 * text that has the shape of one, anywhere, is replaced by words. Each is named by its path, below `path`.
 */
export function withoutSecrets(
  value: Record<string, unknown>,
  path = '',
): { value: Record<string, unknown>; removed: NotCarried[] } {
  const removed: NotCarried[] = [];
  const clean = cleaned(value, path, removed);
  return { value: isObject(clean) ? clean : {}, removed };
}
