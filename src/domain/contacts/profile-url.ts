/** The most characters of a contact's id. */
const LONGEST_ID = 200;

/**
 * The address of a LinkedIn profile, written in one way only, so that it tells contacts apart; undefined for any other
 * text. Such as `https://www.linkedin.com/in/mira-1`.
 */
export function profileKey(text: unknown): string | undefined {
  if (typeof text !== 'string' || !/linkedin\.com\//i.test(text)) return undefined;
  const written = /^https?:\/\//i.test(text.trim()) ? text.trim() : `https://${text.trim()}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (!url || !/(?:^|\.)linkedin\.com$/.test(url.hostname)) return undefined;
  const [, kind, name] = /^\/(in|pub|sales\/(?:lead|people))\/([^/]+)/i.exec(url.pathname) ?? [];
  if (kind === undefined || name === undefined) return undefined;
  const isPlain = !kind.toLowerCase().startsWith('sales');
  const key = `https://www.linkedin.com/${kind.toLowerCase()}/${isPlain ? name.toLowerCase() : name}`;
  return key.length > LONGEST_ID ? undefined : key;
}
