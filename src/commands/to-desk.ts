import { deskLink } from '../domain/base/desk.ts';
import { isThisMachine } from '../domain/base/url.ts';
import type { House } from '../engine/base/house.ts';
import { type Ticket, ticketFilesOf } from '../files/ticket-files.ts';
import type { Assemble } from '../http/start.ts';
import { openBrowser } from '../net/desk/browser.ts';
import { remoteTicket } from '../net/desk/remote-ticket.ts';
import { type OwnDesk, serveDesk } from '../opening/on-demand.ts';
import { deskNow } from '../opening/where.ts';
import { endAtSignals, keepWorking } from '../process/background.ts';
import { depsOf, userName } from '../process/deps.ts';
import { canOpenBrowser } from '../process/desktop.ts';
import type { Settings } from '../process/environment.ts';
import { closeHouse, openHouse } from '../process/house.ts';
import type { Output } from './brake.ts';

/** How a person gets to the desk by a command: in their browser, or by a link that is printed for them. */
export type DeskWish = { settings: Settings; isPrinted: boolean; output: Output; assemble: Assemble };

const HARD_EXIT_MS = 1_800;
const NO_BROWSER =
  'No browser can be opened from here: there is no display, or you came by SSH. Set BROWSER to a program that opens one, or run it with --print.\n';
const NOT_BEGUN = 'The browser did not open. Set BROWSER to a program that opens one, or run it with --print.\n';
const ENDS: Record<'served' | 'unused' | 'closed', string> = {
  served: 'A countersign serve has begun, so the desk is there now.\n',
  unused: 'No page of the desk was open for 15 minutes, so it is closed.\n',
  closed: '',
};

/** Whether a browser can be opened at all, where one has to be. Else says what to do. */
export function demandBrowser({ settings, isPrinted, output }: DeskWish): boolean {
  if (isPrinted || canOpenBrowser(settings.env)) return true;
  output.tell(NO_BROWSER);
  return false;
}

/** What somebody who came by SSH does first, so that the link works on their own machine. */
function tunnelHint(base: string, { SSH_CONNECTION }: Settings['env']): string {
  const url = new URL(base);
  if (SSH_CONNECTION === undefined || !isThisMachine(url)) return '';
  const [, , here = 'this-machine'] = SSH_CONNECTION.split(' ');
  const port = url.port || '80';
  return `You came by SSH. On your own machine, run this first: ssh -L ${port}:localhost:${port} ${userName()}@${here}\n`;
}

/** Brings a person to the desk by a link with a ticket in it. Gives whether they got it. */
async function deliver(wish: DeskWish, { base, ticket }: { base: string; ticket: string }): Promise<boolean> {
  const { settings, isPrinted, output } = wish;
  const link = deskLink(base, { ticket });
  if (isPrinted) {
    output.tell(tunnelHint(base, settings.env));
    output.tell('This link is good once, within a minute:\n');
    output.say(`${link}\n`);
    return true;
  }
  if (await openBrowser(link, settings.env)) return true;
  output.tell(NOT_BEGUN);
  return false;
}

/** Keeps a desk open that this process serves itself, until it ends. Gives the exit code. */
async function stayOpen(desk: OwnDesk, house: House, { tell }: Output): Promise<number> {
  tell(`The desk is at ${desk.url}. It stays until 15 minutes after its last page, or until you press Ctrl-C here.\n`);
  const stopWorking = keepWorking(house);
  endAtSignals((_why, code) => {
    setTimeout(() => process.exit(code), HARD_EXIT_MS).unref();
    desk.close();
  }, house.deps.log);
  // Without this nothing keeps the process alive where its sockets are closed for a moment.
  const alive = setInterval(() => undefined, 60_000);
  const why = await desk.ended;
  clearInterval(alive);
  stopWorking();
  tell(ENDS[why]);
  return 0;
}

/** Serves the desk from this process, in the foreground, and brings the person there. Gives the exit code. */
async function serveHere(wish: DeskWish, issue: () => string): Promise<number> {
  const { settings, output, assemble } = wish;
  const house = await openHouse(settings, depsOf(settings));
  try {
    const desk = await serveDesk({ settings, house, assemble });
    const isThere = await deliver(wish, { base: desk.url, ticket: issue() });
    if (!('ended' in desk)) return isThere ? 0 : 1;
    if (isThere) return await stayOpen(desk, house, output);
    await desk.close();
    return 1;
  } finally {
    await closeHouse(house);
    setTimeout(() => process.exit(), HARD_EXIT_MS).unref();
  }
}

/** Brings the person to the desk of this home, wherever it is served now, or from here. Gives the exit code. */
export async function goToDesk(wish: DeskWish, ticket: Pick<Ticket, 'kind' | 'name'>): Promise<number> {
  const { home } = wish.settings;
  const issue = () => ticketFilesOf(home).issue(ticket);
  const base = await deskNow(home);
  if (base === undefined) return serveHere(wish, issue);
  return (await deliver(wish, { base, ticket: issue() })) ? 0 : 1;
}

/** Brings the person to their desk of a home that is served elsewhere, by their token. Gives the exit code. */
export async function goToDeskElsewhere(wish: DeskWish, ...asked: Parameters<typeof remoteTicket>): Promise<number> {
  return (await deliver(wish, await remoteTicket(...asked))) ? 0 : 1;
}
