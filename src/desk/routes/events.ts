import { z } from 'zod';
import { digest } from '../../domain/base/digest.ts';
import { AppError } from '../../domain/base/errors.ts';
import { refKey } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../../engine/base/house.ts';
import type { Moment } from '../../engine/base/moment.ts';
import { liveChanges } from '../../engine/changes/live.ts';
import { comparerOf } from '../../engine/gate/comparer.ts';
import { locateShown } from '../../engine/review/locate.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { type DeskRoute, looking } from '../entry/desk-route.ts';
import { openRows } from '../queue/queue.ts';

const PING_MS = 15_000;
/** So many rows are held against what moved since: those that a person sees first. */
const MOST_FOLLOWED = 50;

/** What the page shows in its head, and by which it tells the person that more waits: actions and changes. */
function counts(view: View, moment: Moment): { waiting: number; unknown: number; changes: number } {
  const all = openRows(view);
  const unknown = all.filter(({ status }) => status === 'unknown').length;
  return { waiting: all.length, unknown, changes: liveChanges(view, moment).length };
}

/**
 * A digest that changes when other things wait or are under way, when one of the first would do something else, or with the
 * brake. What is under way ends without a decision, and the screens show what came of it.
 */
function queueFingerprint(house: House): Promise<string> {
  return house.read((view) => {
    const all = openRows(view);
    const comparer = comparerOf(view);
    const rows = all.slice(0, MOST_FOLLOWED).map((item) => locateShown(view, item, comparer)?.digest);
    const { on, since } = view.brake();
    const going = view.open({ statuses: ['approved', 'executing'] });
    return digest([
      [...all, ...going].map((item) => `${item.status} ${refKey(item)}`),
      rows.map((row) => row ?? ''),
      view.changes().map(({ id }) => id),
      [on, since ?? ''],
      view.decisionHead().seq,
    ]);
  });
}

const frame = (text: string) => new TextEncoder().encode(text);

type Live = { body: ReadableStream<Uint8Array>; end: () => void };

/** A stream that tells the counts at once, and after each change. */
function liveCounts(house: House, watcher: DeskParts['watcher']): Live {
  let stop: () => void = () => undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => {
        try {
          controller.enqueue(frame(text));
        } catch {
          // The page has gone just now.
        }
      };
      const tell = () =>
        house.read(counts).then(
          (now) => write(`event: changed\ndata: ${JSON.stringify(now)}\n\n`),
          () => undefined,
        );
      const watched = watcher.watch(
        () => queueFingerprint(house),
        () => void tell(),
      );
      const pings = setInterval(() => write(': ping\n\n'), PING_MS).unref();
      stop = () => {
        watched.stop();
        clearInterval(pings);
      };
      // What changes behind this first telling is noticed.
      void watched.begun.then(tell);
    },
    cancel: () => stop(),
  });
  return { body, end: () => stop() };
}

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** What moves, as it moves: `GET /desk/events`. */
export function eventRoutes({ streams, watcher }: DeskParts): DeskRoute[] {
  return [
    looking({
      path: '/events',
      scopes: ['agents:read'],
      query: z.strictObject({}),
      async handle({ house, caller }) {
        const leave = streams.enter(caller);
        if (leave === undefined)
          throw new AppError(
            'LIMIT_EXCEEDED',
            'Too many pages are open with this login. Close some, and load this one again.',
          );
        const { body, end } = liveCounts(house, watcher);
        return streams.follow(new Response(body, { headers: HEADERS }), { caller, listens: true }, () => {
          leave();
          end();
        });
      },
    }),
  ];
}
