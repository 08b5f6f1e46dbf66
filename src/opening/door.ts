import { type DeskDoor, type DeskOpened, type DeskPlace, deskLink } from '../domain/base/desk.ts';
import type { House } from '../engine/base/house.ts';
import { deskMarksOf } from '../files/desk-marks.ts';
import { ticketFilesOf } from '../files/ticket-files.ts';
import type { Assemble } from '../http/start.ts';
import { openBrowser } from '../net/desk/browser.ts';
import { canOpenBrowser, isDesktop } from '../process/desktop.ts';
import type { Settings } from '../process/environment.ts';
import { terminalCommand } from '../process/terminal-command.ts';
import { type OwnDesk, serveDesk } from './on-demand.ts';
import { deskNow } from './where.ts';

/** After a browser failed to open, none is opened by itself for this long. */
const FAILED_MS = 60_000;
const JUST_OPENED =
  'A browser was opened at the desk less than a minute ago. Where that page is closed, call again later.';

/** What the person does where no browser opened. */
function otherwise(settings: Settings): string {
  const command = terminalCommand('open', settings, process);
  if (command === undefined) return 'The person sets BROWSER to a program that opens one, for this server.';
  return `The person runs \`${command} --print\` in a terminal of their own, and opens the link that it prints.`;
}

/** What a door needs of its process. */
export type DoorTerms = { settings: Settings; house: House; assemble: Assemble };

/** The desk that a process serves itself, from when it is first asked for it; and anew, once that ended. */
function createOwnDesk(terms: DoorTerms): { url: () => Promise<string>; close: () => Promise<void> } {
  let own: Promise<OwnDesk | { url: string }> | undefined;
  return {
    async url() {
      own ??= serveDesk(terms);
      const serving = own;
      const forget = () => {
        if (own === serving) own = undefined;
      };
      const desk = await serving.catch((error: unknown) => {
        forget();
        throw error;
      });
      if ('ended' in desk) desk.ended.then(forget);
      else forget();
      return desk.url;
    },
    async close() {
      const desk = await own?.catch(() => undefined);
      if (desk && 'close' in desk) await desk.close();
    },
  };
}

/** The door to the desk of a process that the person started on their own machine. */
export function createDoor(terms: DoorTerms): DeskDoor {
  const { settings, house } = terms;
  const { home, env } = settings;
  const marks = deskMarksOf(home);
  const own = createOwnDesk(terms);
  let failedAt = -Number.MAX_VALUE;

  /** Opens the browser with a ticket in the link, which goes to nobody but the opener. */
  async function openAt(base: string, at: DeskPlace | undefined): Promise<boolean> {
    const ticket = ticketFilesOf(home).issue({ kind: 'desk', ...(at === undefined ? {} : { at }) });
    return openBrowser(deskLink(base, { at, ticket }), env);
  }

  async function opened(at: DeskPlace | undefined): Promise<DeskOpened> {
    const base = (await deskNow(home)) ?? (await own.url());
    const told = { url: deskLink(base, { at }), opened: false };
    if (!canOpenBrowser(env))
      return { ...told, problem: `No browser can be opened from this process. ${otherwise(settings)}` };
    if (!marks.takeTurn()) return { ...told, problem: JUST_OPENED };
    if (await openAt(base, at)) return { ...told, opened: true };
    marks.returnTurn();
    failedAt = Date.now();
    return { ...told, problem: `The browser did not open. ${otherwise(settings)}` };
  }

  async function offered(at: DeskPlace | undefined): Promise<boolean> {
    if (house.deps.config().desk === 'off' || !isDesktop(env)) return false;
    if (marks.hasPage()) return true;
    if (Date.now() - failedAt < FAILED_MS) return false;
    const found = await opened(at);
    return found.opened || found.problem === JUST_OPENED;
  }

  return {
    open: opened,
    offer: (at) =>
      offered(at).catch((error: unknown) => {
        house.deps.log.warn({ error: error instanceof Error ? error.message : String(error) }, 'the desk didn’t open');
        return false;
      }),
    close: own.close,
  };
}
