import { z } from 'zod';
import type { House } from '../../engine/base/house.ts';
import { lookBeforeListing } from '../../engine/mail/mailboxes.ts';
import { readBrake } from '../../engine/review/set-brake.ts';
import { pause } from '../../store/pause.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { type DeskRoute, looking } from '../entry/desk-route.ts';
import { lastDecided } from '../queue/last-decided.ts';
import { queuePage } from '../queue/queue.ts';
import { shownAs } from '../queue/row-to-decide.ts';
import { type ChangeToDecide, changeShownAs, waitingChanges } from '../queue/waiting-changes.ts';

const MOST_ROWS = 500;
/** The page waits so long for the mailboxes. */
const PATIENCE_MS = 300;

const queueQuery = z.strictObject({
  agent_id: z.string().optional(),
  type: z.string().optional(),
  query: z.string().max(200).optional(),
  limit: z.int().min(1).max(MOST_ROWS).optional(),
  offset: z.int().min(0).optional(),
});

/** An empty value in a query stands for none: the page sends all its filters. */
function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}

/** Whether a change has the words of a search in what it says of itself. */
function hasWords({ what, lines }: ChangeToDecide, query: string | undefined): boolean {
  if (query === undefined) return true;
  const text = [...what, ...lines.flat()].join('\n').toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/**
 * Begins a look into the mailboxes, so that the queue shows the answers that came. What it finds later, the page's stream tells.
 * Gives warnings about the mailboxes that weren't read, where they are known in time.
 */
async function warningsInTime(house: House): Promise<string[]> {
  const over = new AbortController();
  const look = lookBeforeListing(house).catch((error: unknown) => {
    house.deps.log.warn({ error: String(error) }, 'the mailboxes could not be looked at');
    return [];
  });
  const warnings = await Promise.race([look, pause(PATIENCE_MS, over.signal).then(() => [])]);
  over.abort();
  return warnings;
}

/** What waits for a person: `GET /desk/queue`. */
export function queueRoutes({ nonces }: DeskParts): DeskRoute[] {
  return [
    looking({
      path: '/queue',
      scopes: ['agents:read'],
      query: queueQuery,
      async handle({ house, session, query: { limit = 200, offset = 0, ...asked } }) {
        const [agent_id, type, query] = [given(asked.agent_id), given(asked.type), given(asked.query)];
        const warnings = await warningsInTime(house);
        const { rows, ...counts } = await queuePage(house, { agent_id, type, query, limit, offset });
        // A change is of no kind of action, and stands on the first page.
        const isShown = type === undefined && offset === 0;
        const waiting = isShown ? await waitingChanges(house, { agent_id }) : { changes: [], changes_total: 0 };
        const last = await house.read(lastDecided);
        return {
          ...(warnings.length > 0 ? { warnings } : {}),
          ...counts,
          brake: await readBrake(house),
          ...(last ? { last_decided: last } : {}),
          has_desk_link: true,
          changes_total: waiting.changes_total,
          changes: waiting.changes
            .filter((change) => hasWords(change, query))
            .map((change) => ({
              ...change,
              nonce: nonces.give(session, changeShownAs(change.change_id, change.binding)),
            })),
          actions: rows.map((row) => ({
            ...row,
            nonce: nonces.give(session, shownAs(row, row.digest), row.hidden === undefined),
          })),
        };
      },
    }),
  ];
}
