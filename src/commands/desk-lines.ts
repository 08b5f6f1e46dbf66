import type { Config } from '../domain/base/config.ts';
import type { PasskeyBook } from '../domain/decisions/passkey.ts';
import { visible } from '../domain/text/visible.ts';
import { deskNow } from '../opening/where.ts';
import { canOpenBrowser, isDesktop } from '../process/desktop.ts';
import type { Settings } from '../process/environment.ts';

/** Whether a browser can be opened at the desk from here, and whether it opens by itself where a decision needs the person. */
function browserLine({ env }: Settings, config: Config | undefined): string {
  if (!canOpenBrowser(env)) return 'browser: none can be opened from here; countersign open --print prints the link';
  const why = config?.desk === 'off' ? 'config.json says desk "off"' : 'nobody sits at a desktop here';
  const byItself = config?.desk !== 'off' && isDesktop(env) ? 'by itself too' : `not by itself: ${why}`;
  return `browser: can be opened at the desk, ${byItself}`;
}

/** Where the desk is, how a person gets there, and what has to be signed, for the doctor. `keys`: unknown in a faulty home. */
export async function deskLines(
  settings: Settings,
  config: Config | undefined,
  book: Pick<PasskeyBook, 'keys' | 'signing'> | undefined,
): Promise<string[]> {
  const base = await deskNow(settings.home);
  const signing =
    book?.signing === undefined
      ? 'signing off'
      : `signing on since ${book.signing.since}, by ${visible(book.signing.by)}`;
  return [
    `desk: ${base === undefined ? 'not served now; countersign open opens it' : visible(base)}`,
    browserLine(settings, config),
    ...(book ? [`passkeys: ${book.keys.size || 'none'}, ${signing}`] : []),
  ];
}
