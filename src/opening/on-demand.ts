import type { House } from '../engine/base/house.ts';
import { deskMarksOf } from '../files/desk-marks.ts';
import { announce } from '../files/serve-file.ts';
import { type Assemble, isServing, startServing } from '../http/start.ts';
import type { Settings } from '../process/environment.ts';
import { watchPages } from './pages.ts';
import { servedHome } from './where.ts';

/** How long the desk stays after its last page, and how often this is looked at. */
const IDLE_MS = 15 * 60_000;
const LOOK_MS = 2_000;

/** Why a desk ended: a `serve` began, nobody used it any more, or its process had it end. */
export type DeskEnd = 'served' | 'unused' | 'closed';
/** The desk of a home, served alone by this process. */
export type OwnDesk = { url: string; ended: Promise<DeskEnd>; close: () => Promise<void> };

type DeskServing = { settings: Settings; house: House; assemble: Assemble; lookMs?: number; now?: () => number };

/**
 * Serves the desk alone, at a free port of this machine, until a `serve` begins or nobody uses it any more. Where another
 * process of the home does so already, that one's link is given. Throws the system's error where it can't listen.
 */
export async function serveDesk(serving: DeskServing): Promise<OwnDesk | { url: string }> {
  const { settings, house, assemble, lookMs = LOOK_MS, now = Date.now } = serving;
  const { watch, idleSince, stop } = watchPages(deskMarksOf(settings.home), now);
  const options = { port: 0, host: undefined, publicUrl: undefined, trustsProxy: false };
  const server = await startServing({ options, settings, assemble, watch }, house);
  const withdraw = await announce(settings.home, { url: server.url }, isServing, 'desk.json');
  if (typeof withdraw !== 'function') {
    await server.close();
    return { url: withdraw.url };
  }
  let tellEnd: (why: DeskEnd) => void = () => undefined;
  const ended = new Promise<DeskEnd>((resolve) => {
    tellEnd = resolve;
  });
  let closing: Promise<void> | undefined;
  const end = (why: DeskEnd): Promise<void> => {
    closing ??= (async () => {
      clearInterval(looks);
      withdraw();
      stop();
      await server.close();
      tellEnd(why);
    })();
    return closing;
  };
  const look = async () => {
    const since = idleSince();
    if (since !== undefined && now() - since > IDLE_MS) await end('unused');
    else if (await servedHome(settings.home)) await end('served');
  };
  const looks = setInterval(() => void look().catch(() => undefined), lookMs).unref();
  return { url: server.url, ended, close: () => end('closed') };
}
