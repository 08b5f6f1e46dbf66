import { visible } from './visible.ts';

/** Someone else's text as data: in guillemets that it can't close, its unseen characters seen, cut. */
export function quoted(text: string, most: number): string {
  const shown = visible(text).replaceAll('«', '‹').replaceAll('»', '›');
  const rest = shown.length - most;
  return `«${rest > 0 ? `${shown.slice(0, most)}… (${rest} more characters)` : shown}»`;
}
