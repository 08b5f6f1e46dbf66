import { canonical } from '../base/json.ts';
import type { DecidedIndex, Replayed, ReplayedPair } from '../runs/replay.ts';
import { differInTextsOnly, editDistance } from './edit-distance.ts';
import { mcNemar, type PairedTest, type PairedVerdict, pairedVerdict } from './exact.ts';

/** A proposal that is no further than this from the one of then is the same one. */
const SAME = 0.2;

/** A proposal with its index. */
export type Indexed = { action_index: number; type: string; params: Record<string, unknown> };

type Match = { was: Indexed; is: Indexed; far: number };

function farFrom(then: Indexed, now: Indexed): number {
  if (canonical(then.params) === canonical(now.params)) return 0;
  const far = editDistance(then.params, now.params);
  // Another number or field is no small edit, whatever its digits.
  return differInTextsOnly(then.params, now.params) ? far : Math.max(far, 2 * SAME);
}

/** Which proposal of now stands for which of then, of one type: the closest ones first. */
function matched(then: readonly Indexed[], now: readonly Indexed[]): Match[] {
  const all = then.flatMap((one) => now.map((other): Match => ({ was: one, is: other, far: farFrom(one, other) })));
  all.sort((one, other) => one.far - other.far);
  const found: Match[] = [];
  for (const match of all)
    if (!found.some((taken) => taken.was === match.was || taken.is === match.is)) found.push(match);
  return found;
}

/** Pairs the proposals of an evaluation with those of its replay, type by type. */
export function replayPairs(
  then: readonly Indexed[],
  now: readonly Indexed[],
  decided: readonly DecidedIndex[],
): ReplayedPair[] {
  const matches = [...new Set([...then, ...now].map(({ type }) => type))].flatMap((type) =>
    matched(
      then.filter((each) => each.type === type),
      now.filter((each) => each.type === type),
    ),
  );
  const said = ({ action_index }: Indexed) => {
    const found = decided.find((each) => each.action_index === action_index);
    if (!found) return {};
    const { decision, at, sent_back_at } = found;
    return { decision, decided_at: at, ...(sent_back_at === undefined ? {} : { sent_back_at }) };
  };
  const pairs = then.map((one): ReplayedPair => {
    const match = matches.find((each) => each.was === one);
    const base = { type: one.type, ...said(one), was: one.action_index };
    if (!match) return { ...base, kind: 'dropped' };
    return { ...base, kind: match.far <= SAME ? 'kept' : 'changed', is: match.is.action_index };
  });
  const added = now.filter((one) => !matches.some((each) => each.is === one));
  return [
    ...pairs,
    ...added.map(({ type, action_index }): ReplayedPair => ({ type, kind: 'added', is: action_index })),
  ];
}

/** What a version does with what people decided. Changed and added ones were decided by nobody. */
export type ReplayTally = {
  caught: number;
  lost: number;
  kept_approved: number;
  kept_rejected: number;
  changed: number;
  added: number;
};

const COUNTED: Readonly<Record<string, keyof ReplayTally>> = {
  'kept approved': 'kept_approved',
  'kept rejected': 'kept_rejected',
  'dropped approved': 'lost',
  'dropped rejected': 'caught',
  'changed approved': 'changed',
  'changed rejected': 'changed',
};

/** The count that a pair belongs to; none for what nobody had decided on. */
export function tallyKey({ kind, decision }: ReplayedPair): keyof ReplayTally | undefined {
  return kind === 'added' ? 'added' : COUNTED[`${kind} ${decision}`];
}

export function tallyOf(pairs: readonly ReplayedPair[]): ReplayTally {
  const tally = { caught: 0, lost: 0, kept_approved: 0, kept_rejected: 0, changed: 0, added: 0 };
  for (const pair of pairs) {
    const count = tallyKey(pair);
    if (count) tally[count] += 1;
  }
  return tally;
}

/** McNemar's test on what was caught and lost, and what it says. */
export function testOf({ caught, lost }: Pick<ReplayTally, 'caught' | 'lost'>): {
  test: PairedTest | null;
  verdict: PairedVerdict;
} {
  if (caught + lost === 0) return { test: null, verdict: 'too few' };
  const test = { b: caught, c: lost, p: mcNemar(caught, lost) };
  return { test, verdict: pairedVerdict(test) };
}

/** The share of replayed evaluations in which the version of then said the same once more; null where none could. */
export function agreementOf(replayed: readonly Replayed[]): number | null {
  const asked = replayed.filter(({ agreed }) => agreed !== undefined);
  return asked.length === 0 ? null : asked.filter(({ agreed }) => agreed).length / asked.length;
}

/**
 * Whether proposals are those of then, in their order. The gate parted those of then into ones that went through and ones that
 * were blocked; each of both stands in its own order.
 */
export function isSameAsThen(
  now: readonly Omit<Indexed, 'action_index'>[],
  then: { proposed: readonly Omit<Indexed, 'action_index'>[]; blocked: readonly Omit<Indexed, 'action_index'>[] },
): boolean {
  const keyOf = ({ type, params }: Omit<Indexed, 'action_index'>) => canonical([type, params]);
  const [proposed, blocked] = [then.proposed.map(keyOf), then.blocked.map(keyOf)];
  for (const key of now.map(keyOf)) {
    if (key === proposed[0]) proposed.shift();
    else if (key === blocked[0]) blocked.shift();
    else return false;
  }
  return proposed.length + blocked.length === 0;
}
