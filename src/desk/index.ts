import { readPageFile } from '../files/page-file.ts';
import { ticketFilesOf } from '../files/ticket-files.ts';
import type { Assembled, ServedParts } from '../http/start.ts';
import { deskMount } from './desk-mount.ts';
import { createCreations } from './entry/creations.ts';
import { deskLogin } from './entry/desk-login.ts';
import type { DeskParts } from './entry/desk-parts.ts';
import type { DeskRoute } from './entry/desk-route.ts';
import { createNonces } from './entry/nonces.ts';
import { createPrompts } from './entry/prompts.ts';
import { entryMount, ticketRoute } from './entry/ways-in.ts';
import { pageRoute } from './page.ts';
import { actionRoutes } from './routes/action.ts';
import { changeRoutes } from './routes/change.ts';
import { decideRoutes } from './routes/decide.ts';
import { eventRoutes } from './routes/events.ts';
import { meRoutes } from './routes/me.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { promptRoutes } from './routes/prompt.ts';
import { queueRoutes } from './routes/queue.ts';
import { settleRoutes } from './routes/settle.ts';
import { screenRoutes } from './screens/index.ts';

/** Every route below /desk/ that takes a page key. */
const ROUTES: readonly ((parts: DeskParts) => DeskRoute[])[] = [
  meRoutes,
  queueRoutes,
  actionRoutes,
  promptRoutes,
  decideRoutes,
  settleRoutes,
  changeRoutes,
  passkeyRoutes,
  eventRoutes,
  screenRoutes,
];

/** The desk, as it is served: its page, the ways in, and what the page calls. */
export function deskMounts(served: ServedParts, page = readPageFile()): Assembled {
  const { house, houseOf, logins, home, link } = served;
  const now = () => house.deps.now().getTime();
  // Tickets are files of this machine, so that its own clock says when they are over, as it did when they were made.
  const tickets = ticketFilesOf(home);
  const parts: DeskParts = {
    ...served,
    nonces: createNonces(now),
    prompts: createPrompts(now),
    creations: createCreations(now),
  };
  const routes = ROUTES.flatMap((of) => of(parts));
  return {
    mounts: [entryMount(house, tickets, link), deskMount({ login: deskLogin(house, logins), routes, houseOf })],
    open: [
      ['/', pageRoute(page)],
      ['/desk/ticket', ticketRoute(house, tickets)],
    ],
  };
}
