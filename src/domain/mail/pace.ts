import { type Identity, PACE_DEFAULTS } from '../agents/identity.ts';
import {
  firstWithin,
  momentInWords,
  nextDay,
  type SendHours,
  sendHoursOf,
  type WallClock,
  wallClock,
} from './send-hours.ts';

/** When emails of a sender go: its hours, the most of a calendar day of its clock, and the pause between two. */
export type SendPace = { hours?: SendHours; clock: WallClock; max_per_day: number; gap_seconds: number };

/** What a sender has sent: when the last one was begun (ISO 8601), and how many on the day of that one, by its clock. */
export type Sent = { last: string; day: string; count: number };

/** Why an email doesn't go at once, the weaker reason first: the pause after another, the hours, the most of a day. */
const REASONS = ['gap', 'hours', 'day'] as const;
type Reason = (typeof REASONS)[number];
/** When an email goes; `why` is missing where that is at once. */
type SendSlot = { at: Date; why?: Reason };

type PaceFields = { [field in 'send_hours' | 'max_per_day' | 'gap_seconds']?: Identity[field] | undefined };

/** The pace of an identity. Without hours its days are those of UTC. Hours that can't be read are refused elsewhere. */
export function paceOf({
  send_hours,
  max_per_day = PACE_DEFAULTS.max_per_day,
  gap_seconds = PACE_DEFAULTS.gap_seconds,
}: PaceFields): SendPace {
  const hours = send_hours === undefined ? undefined : sendHoursOf(send_hours);
  if (!hours || 'problem' in hours) return { clock: wallClock('UTC'), max_per_day, gap_seconds };
  return { hours, clock: hours.clock, max_per_day, gap_seconds };
}

/** The fields by which emails may go sooner or more of them a day: other hours than there were count as such. */
export function loosenedPace(before: PaceFields, after: PaceFields): (keyof PaceFields)[] {
  const [was, is] = [paceOf(before), paceOf(after)];
  return [
    ...(before.send_hours !== undefined && before.send_hours !== after.send_hours ? ['send_hours' as const] : []),
    ...(is.max_per_day > was.max_per_day ? ['max_per_day' as const] : []),
    ...(is.gap_seconds < was.gap_seconds ? ['gap_seconds' as const] : []),
  ];
}

/** What a sender has sent, with one more that is begun `at` (ISO 8601), on a day of its clock. */
export function withOneMore(sent: Sent | undefined, { at, day }: { at: string; day: string }): Sent {
  return { last: at, day, count: sent?.day === day ? sent.count + 1 : 1 };
}

/** The day that a sender's email of a moment counts for. */
export function dayOf({ clock }: SendPace, moment: Date): string {
  return clock.at(moment).day;
}

function stronger(one: Reason | undefined, other: Reason | undefined): Reason | undefined {
  return REASONS.findLast((reason) => reason === one || reason === other);
}

/** The first moment, from one on, at which one more email may go. */
function freeSlot(pace: SendPace, sent: Sent | undefined, from: Date): SendSlot {
  const { hours, max_per_day, gap_seconds } = pace;
  // A last one that is still to come was begun by a clock that has been put right since.
  const rested = sent ? new Date(Math.min(Date.parse(sent.last), from.getTime()) + gap_seconds * 1_000) : from;
  let at = rested > from ? rested : from;
  let why: Reason | undefined = rested > from ? 'gap' : undefined;
  for (;;) {
    const open = hours ? firstWithin(hours, at) : at;
    if (open > at) why = stronger(why, 'hours');
    at = open;
    if (sent?.day !== dayOf(pace, at) || sent.count < max_per_day) return why ? { at, why } : { at };
    at = nextDay(pace.clock, at);
    why = 'day';
  }
}

/** When one more email goes by a pace, after `others` that were approved before it and have not begun. */
export function nextSlot(
  pace: SendPace,
  { sent, others, now }: { sent: Sent | undefined; others: number; now: Date },
): SendSlot {
  let slot = freeSlot(pace, sent, now);
  let tally = sent;
  for (let before = 0; before < others; before++) {
    tally = withOneMore(tally, { at: slot.at.toISOString(), day: dayOf(pace, slot.at) });
    const next = freeSlot(pace, tally, slot.at);
    const why = stronger(slot.why, next.why);
    slot = why ? { at: next.at, why } : next;
  }
  return slot;
}

/** Why an email waits, and until when, as a sentence; undefined where it goes at once. */
export function slotInWords(
  { clock, max_per_day, gap_seconds }: SendPace,
  { at, why }: SendSlot,
  now: Date,
): string | undefined {
  if (why === undefined) return undefined;
  const when = momentInWords(clock, at, { now, seconds: why === 'gap' });
  if (why === 'hours') return `It waits for the sender's hours: ${when}.`;
  if (why === 'day') return `It waits because the sender sends at most ${max_per_day} emails a day: ${when}.`;
  return `It waits for its turn, because the sender leaves ${gap_seconds} seconds between two emails: ${when}.`;
}
