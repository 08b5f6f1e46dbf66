import { z } from 'zod';

/**
 * What waits for a person in the home, in numbers: how many actions and how many unknown outcomes each run has, which changes
 * wait, and since when the brake is on. Nothing in it tells of a contact.
 */
const waitsSchema = z.object({
  pending: z.record(z.string(), z.int()),
  unknown: z.record(z.string(), z.int()),
  changes: z.array(z.string()),
  braked_since: z.string().exactOptional(),
});
export type Waits = z.infer<typeof waitsSchema>;

export const NOTHING_WAITS: Waits = { pending: {}, unknown: {}, changes: [] };

/** A notice under way, or one that could not be sent and is tried again: the same `id` for all its tries. */
const tryingSchema = z.object({ id: z.string(), tries: z.int(), not_before: z.string() });

/**
 * How the notices of a home stand, as its processes keep it for each other: which of them tells (`holder`), where to
 * (`place`, a digest), what it has told, when, and what failed since.
 */
export const noticesSchema = z.object({
  holder: z.string().exactOptional(),
  place: z.string(),
  kept_at: z.string(),
  told: waitsSchema,
  last_at: z.string().exactOptional(),
  trying: tryingSchema.exactOptional(),
  failed: z.object({ at: z.string(), message: z.string() }).exactOptional(),
});
export type Notices = z.infer<typeof noticesSchema>;

/** Between two notices lies this long at least, in milliseconds. */
const NOTICE_GAP_MS = 180_000;
/** The pauses before a notice that could not be sent is tried again, in seconds; the last one goes on. */
const PAUSES_S = [15, 60, 120, 300, 600, 1_800];
const LONGEST_PAUSE_S = 3_600;

/** When a notice is tried again that could not be sent for the `tries`-th time, or whose process died over it. */
export function triedAgainAt(tries: number, now: Date): string {
  const seconds = PAUSES_S[tries - 1] ?? LONGEST_PAUSE_S;
  return new Date(now.getTime() + seconds * 1_000).toISOString();
}

function lowered(told: Readonly<Record<string, number>>, now: Readonly<Record<string, number>>) {
  return Object.fromEntries(
    Object.entries(told).flatMap(([run, count]) => {
      const left = Math.min(count, now[run] ?? 0);
      return left > 0 ? [[run, left] as const] : [];
    }),
  );
}

/** What of it was told and waits still: of what was decided since, nothing is known any more. */
export function stillTold(told: Waits, now: Waits): Waits {
  const { braked_since } = told;
  return {
    pending: lowered(told.pending, now.pending),
    unknown: lowered(told.unknown, now.unknown),
    changes: told.changes.filter((id) => now.changes.includes(id)),
    ...(braked_since !== undefined && braked_since === now.braked_since ? { braked_since } : {}),
  };
}

function isMore(now: Readonly<Record<string, number>>, told: Readonly<Record<string, number>>): boolean {
  return Object.entries(now).some(([run, count]) => count > (told[run] ?? 0));
}

/** Whether something waits that nobody was told of. `told` is what `stillTold` has left. */
export function hasNews(told: Waits, now: Waits): boolean {
  return (
    isMore(now.pending, told.pending) ||
    isMore(now.unknown, told.unknown) ||
    now.changes.some((id) => !told.changes.includes(id)) ||
    (now.braked_since !== undefined && told.braked_since === undefined)
  );
}

/** Whether a notice may be sent: some minutes after the one before, and not before a failed one's pause is over. */
export function isTimeToTell({ last_at, trying }: Pick<Notices, 'last_at' | 'trying'>, now: Date): boolean {
  const since = last_at === undefined ? Number.POSITIVE_INFINITY : now.getTime() - Date.parse(last_at);
  // A notice of the future was told by a clock gone wrong.
  if (since >= 0 && since < NOTICE_GAP_MS) return false;
  if (trying === undefined) return true;
  const wait = Date.parse(trying.not_before) - now.getTime();
  return wait <= 0 || wait > LONGEST_PAUSE_S * 1_000;
}
