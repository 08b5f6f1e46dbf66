import { visible } from './visible.ts';

/**
 * Text from somebody else, marked as data: it stands in « », and any « or » of its own is replaced, so that it can't
 * end the quotation. Characters that can't be seen are named, and text beyond `most` characters is cut.
 */
export function quoted(text: string, most: number): string {
  const shown = visible(text).replaceAll('«', '‹').replaceAll('»', '›');
  const rest = shown.length - most;
  return `«${rest > 0 ? `${shown.slice(0, most)}… (${rest} more characters)` : shown}»`;
}
