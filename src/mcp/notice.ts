import { AppError } from '../domain/base/errors.ts';
import { isObject } from '../domain/base/json.ts';
import type { View } from '../domain/state/view.ts';
import type { House } from '../engine/base/house.ts';
import type { Moment } from '../engine/base/moment.ts';
import { liveChanges } from '../engine/changes/live.ts';
import { createBrakeNotice } from './brake-notice.ts';
import type { Tool, WithNotice } from './define-tool.ts';
import { createDeskNotice } from './desk-notice.ts';
import { variablesIn } from './resources.ts';

type Result = Record<string, unknown>;
/** How many actions wait for a person, by the id of their run. */
type ByRun = ReadonlyMap<string, number>;

/**
 * What waits as of the commit `at`: `pending` for a decision, `unknown` for somebody to find out their outcome; `changes`
 * has the ids of the changes.
 */
type WaitingCounts = { at: number; byRun: ByRun; pending: number; unknown: number; changes: readonly string[] };

/** The tool that shows what waits. A notice names it. */
const LISTING_TOOL = 'list_pending_actions';

/** What waits now, or `before` itself where nothing was committed since. */
function look(view: View, moment: Moment, before: WaitingCounts): WaitingCounts {
  const at = view.commits();
  if (at === before.at) return before;
  const byRun = new Map<string, number>();
  let pending = 0;
  let unknown = 0;
  for (const [runId, waiting] of view.waiting()) {
    pending += waiting.pending_approval;
    unknown += waiting.unknown.length;
    byRun.set(runId, waiting.pending_approval + waiting.unknown.length);
  }
  return { at, byRun, pending, unknown, changes: liveChanges(view, moment).map(({ id }) => id) };
}

function sentence({ pending, unknown, changes: { length: changes } }: WaitingCounts): string {
  const counted: [count: number, one: string, more: string][] = [
    [pending, 'action waits for a decision', 'actions wait for a decision'],
    [
      unknown,
      'attempt with an unknown outcome waits to be settled',
      'attempts with an unknown outcome wait to be settled',
    ],
    [changes, 'change that lets more happen waits for a person', 'changes that let more happen wait for a person'],
  ];
  const parts = counted.flatMap(([count, one, more]) => (count === 0 ? [] : [`${count} ${count === 1 ? one : more}`]));
  const before = parts.slice(0, -1).join(', ');
  return `${before === '' ? '' : `${before} and `}${parts.at(-1)}: ${LISTING_TOOL} shows ${pending + unknown + changes === 1 ? 'it' : 'them'}.`;
}

/** The changes that a result, or the details of a refusal, names by its id: whoever reads it knows that they wait. */
function namedIn(told: unknown, { changes }: WaitingCounts): string[] {
  if (changes.length === 0) return [];
  const text = JSON.stringify(told) ?? '';
  return changes.filter((id) => text.includes(JSON.stringify(id)));
}

function count(facts: Result, name: string): number {
  const value = facts[name];
  return typeof value === 'number' ? value : 0;
}

/** The run that a result is about, and how many of its actions wait by what results said so far; else nothing. */
function toldOfRun(args: unknown, result: Result, told: ByRun): [runId: string, waiting: number][] {
  const run = isObject(result.run) ? result.run : result;
  const runId = run.id ?? run.run_id ?? (isObject(args) ? args.run_id : undefined);
  if (typeof runId !== 'string') return [];
  const before = told.get(runId) ?? 0;
  const { summary } = run;
  if (!isObject(summary)) return [[runId, before + count(result, 'accepted')]];
  const waiting = count(summary, 'actions_pending_approval') + count(summary, 'actions_unknown');
  return [[runId, Math.max(before, waiting)]];
}

/** The told counts, none above what waits now: a count that fell and rises again later is then told again. */
function lowered(told: ByRun, { byRun }: WaitingCounts): ByRun {
  return new Map([...byRun].map(([runId, waiting]) => [runId, Math.min(waiting, told.get(runId) ?? 0)]));
}

/** Whether a resource of this tool is read with the same arguments. The result then has to equal the resource. */
function isMirrored(tool: Tool, args: unknown): boolean {
  const given = Object.keys(isObject(args) ? args : {});
  return tool.resources.some(({ uri }) => {
    const names = variablesIn(uri);
    return names.length === given.length && names.every((name) => given.includes(name));
  });
}

/** The notices of one connection: that the brake is on, in every result; then what waits, which is told once. */
export function createNotices(house: House, offered: ReadonlySet<string>): WithNotice {
  const [withBrake, withWaiting] = [createBrakeNotice(house, offered), createWaitingNotice(house, offered)];
  const withDesk = createDeskNotice(house);
  return async (tool, args, work) => withBrake(await withWaiting(tool, args, () => withDesk(tool, args, work)));
}

/** What waits for a person is told once, in the connection's next result. */
function createWaitingNotice(house: House, offered: ReadonlySet<string>): WithNotice {
  if (!offered.has(LISTING_TOOL)) return (_tool, _args, work) => work();
  let counts: WaitingCounts = { at: -1, byRun: new Map(), pending: 0, unknown: 0, changes: [] };
  let told: ByRun = new Map();
  /** The changes that this connection was told of. */
  let toldChanges: ReadonlySet<string> = new Set();
  /** The counts that this connection was told in full: nothing is compared again before they change. */
  let countsTold: WaitingCounts | undefined;

  /** Takes the counts anew. A store that can't be read only leaves them as they are: no result is lost for a notice. */
  async function refresh(): Promise<void> {
    try {
      counts = await house.read((view, moment) => look(view, moment, counts));
    } catch {
      // The tool's own work fails with the store's error, if it needs the store.
    }
  }

  return async (tool, args, work) => {
    if (tool.tellsWaiting === 'all') await refresh();
    const shown = counts;
    const result = await work().catch(async (error: unknown) => {
      await refresh();
      if (error instanceof AppError) toldChanges = new Set([...toldChanges, ...namedIn(error.details, counts)]);
      throw error;
    });
    await refresh();
    if (counts === countsTold && tool.tellsWaiting === undefined) return result;
    toldChanges = new Set([...toldChanges, ...namedIn(result, counts)]);
    if (tool.tellsWaiting === 'all') {
      told = shown.byRun;
      toldChanges = new Set([...toldChanges, ...shown.changes]);
    }
    if (tool.tellsWaiting === 'run') told = new Map([...told, ...toldOfRun(args, result, told)]);
    told = lowered(told, counts);
    const isTold = ([runId, waiting]: [string, number]) => waiting <= (told.get(runId) ?? 0);
    const hasNews = ![...counts.byRun].every(isTold) || !counts.changes.every((id) => toldChanges.has(id));
    if (hasNews && isMirrored(tool, args)) return result;
    told = counts.byRun;
    toldChanges = new Set(counts.changes);
    countsTold = counts;
    return hasNews ? { ...result, notice: sentence(counts) } : result;
  };
}
