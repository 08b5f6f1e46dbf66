import { parseArgs } from 'node:util';
import { remoteHomeOf } from '../connect.ts';
import { visible } from '../domain/text/visible.ts';
import { assistantShell } from './assistant-shells.ts';
import { agreesAtTerminal } from './at-terminal.ts';
import { PersonLeft } from './review/terminal.ts';
import { type DeskWish, demandBrowser, goToDesk, goToDeskElsewhere } from './to-desk.ts';

const PRINTED = { name: 'open --print', nothing: 'Nothing was printed.' };
const WHAT =
  'A link is printed that lets whoever opens it decide at the desk as you: once, and within a minute. It is for your own browser.';
const USAGE = 'countersign open takes --print, and the URL of a home that is served elsewhere.';
const READ_ONLY = 'COUNTERSIGN_READ_ONLY=1 is set, so nothing can be decided here. Unset it.';

type Wanted = { isPrinted: boolean; url: string | undefined };

function wantedOf(args: readonly string[]): Wanted | string {
  try {
    const options = { print: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    return positionals.length > 1 ? USAGE : { isPrinted: values.print, url: positionals[0] };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)} ${USAGE}`;
  }
}

/** `countersign open`: brings the person to the desk, in their browser. Returns the exit code. */
export async function openDesk(args: readonly string[], given: Omit<DeskWish, 'isPrinted'>): Promise<number> {
  const { settings, output } = given;
  const refuse = (why: string) => {
    output.tell(`${visible(why)}\n`);
    return 1;
  };
  const wanted = wantedOf(args);
  const shell = assistantShell('open', settings.env);
  if (shell !== undefined) return refuse(shell);
  if (typeof wanted === 'string') return refuse(wanted);
  if (settings.readOnly && wanted.url === undefined) return refuse(READ_ONLY);
  const { isPrinted, url } = wanted;
  const wish: DeskWish = { ...given, isPrinted };
  try {
    const remote = url === undefined ? undefined : remoteHomeOf('open', [url], settings.env);
    if (!demandBrowser(wish)) return 1;
    if (isPrinted && !(await agreesAtTerminal(PRINTED, settings, { what: WHAT, tell: output.tell }))) return 1;
    if (remote === undefined) return await goToDesk(wish, { kind: 'desk' });
    return await goToDeskElsewhere(wish, remote);
  } catch (error) {
    if (error instanceof PersonLeft) return error.code;
    return refuse(error instanceof Error ? error.message : String(error));
  }
}
