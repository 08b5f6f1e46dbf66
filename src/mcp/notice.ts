import { isObject } from '../domain/base/json.ts';
import type { View } from '../domain/state/view.ts';
import type { House } from '../engine/base/house.ts';
import type { Tool } from './define-tool.ts';
import { variablesIn } from './resources.ts';

type Result = Record<string, unknown>;
/** How many actions wait for a person, by run. */
type ByRun = ReadonlyMap<string, number>;

type WaitingCounts = { at: number; byRun: ByRun; pending: number; unknown: number };

/** The tool that a notice sends to. */
const WHERE = 'list_pending_actions';

function look(view: View, before: WaitingCounts): WaitingCounts {
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
  return { at, byRun, pending, unknown };
}

function sentence({ pending, unknown }: WaitingCounts): string {
  const parts: string[] = [];
  if (pending > 0)
    parts.push(pending === 1 ? '1 action waits for a decision' : `${pending} actions wait for a decision`);
  if (unknown > 0)
    parts.push(`${unknown} attempted with an unknown outcome ${unknown === 1 ? 'waits' : 'wait'} to be settled`);
  return `${parts.join(' and ')}: ${WHERE} shows ${pending + unknown === 1 ? 'it' : 'them'}.`;
}

function count(facts: Result, name: string): number {
  const value = facts[name];
  return typeof value === 'number' ? value : 0;
}

/** What a result says of how much waits in its run. */
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

/** What went down meanwhile and comes up again is news. */
function lowered(told: ByRun, { byRun }: WaitingCounts): ByRun {
  return new Map([...byRun].map(([runId, waiting]) => [runId, Math.min(waiting, told.get(runId) ?? 0)]));
}

/** The very arguments that a resource of this tool has: its result stays equal to the resource. */
function isMirrored(tool: Tool, args: unknown): boolean {
  const given = Object.keys(isObject(args) ? args : {});
  return tool.resources.some(({ uri }) => {
    const names = variablesIn(uri);
    return names.length === given.length && names.every((name) => given.includes(name));
  });
}

/** Does a tool's work and adds to its result, in one line, what this connection was not told yet. */
export type WithNotice = (tool: Tool, args: unknown, work: () => Promise<Result>) => Promise<Result>;

/** For one connection: what waits for a person is told once, in the next result that comes by. */
export function createNotices(house: House, offered: ReadonlySet<string>): WithNotice {
  if (!offered.has(WHERE)) return (_tool, _args, work) => work();
  let desk: WaitingCounts = { at: -1, byRun: new Map(), pending: 0, unknown: 0 };
  let told: ByRun = new Map();
  /** The desk of which everything was told. */
  let settled: WaitingCounts | undefined;

  /** Where the store can't be read, the call itself says so; a result is never lost for want of a notice. */
  async function refresh(): Promise<void> {
    try {
      desk = await house.read((view) => look(view, desk));
    } catch {
      // What was seen last stands.
    }
  }

  return async (tool, args, work) => {
    if (tool.tellsWaiting === 'all') await refresh();
    const shown = desk.byRun;
    const result = await work();
    await refresh();
    if (desk === settled && tool.tellsWaiting === undefined) return result;
    if (tool.tellsWaiting === 'all') told = shown;
    if (tool.tellsWaiting === 'run') told = new Map([...told, ...toldOfRun(args, result, told)]);
    told = lowered(told, desk);
    const hasNews = [...desk.byRun].some(([runId, waiting]) => waiting > (told.get(runId) ?? 0));
    if (hasNews && isMirrored(tool, args)) return result;
    told = desk.byRun;
    settled = desk;
    return hasNews ? { ...result, notice: sentence(desk) } : result;
  };
}
