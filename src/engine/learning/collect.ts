import { setImmediate as turn } from 'node:timers/promises';
import type { Thread, ThreadMessage } from '../../domain/agents/thread.ts';
import { chunkOf, nextChunk } from '../../domain/decisions/decision.ts';
import type { AgentFacts, ConversationFact, DecisionFact } from '../../domain/learning/facts.ts';
import { decisionOrder, LogReader } from '../../domain/learning/population.ts';
import type { ContactResult, Run } from '../../domain/runs/run.ts';
import { ALL } from '../../domain/state/queries.ts';
import type { View } from '../../domain/state/view.ts';
import { Slices } from '../../store/turns.ts';
import type { House } from '../base/house.ts';
import { RunReader } from './run-reader.ts';

/** So many runs or conversations, and results of runs, are looked at together: more would hold up other calls while they load. */
const AT_ONCE = 20;
const RESULTS_AT_ONCE = 500;

/** What the log says of an agent, document by document, with a turn for other calls after each. */
async function readLog(house: House, agentId: string): Promise<LogReader> {
  const reader = new LogReader();
  const slices = new Slices();
  const { seq: newest } = await house.read((view) => view.decisionHead());
  for (let first = 1; first <= newest; first = nextChunk(first)) {
    const entries = await house.read((view) => view.decisions(chunkOf(first)));
    for (const entry of entries) if (entry.agent_id === agentId) reader.take(entry);
    if (slices.isDue) await slices.next();
    else await turn();
  }
  return reader;
}

/** The seconds from each thing that a person said to the reply. */
function responseTimes(messages: readonly ThreadMessage[]): number[] {
  const times: number[] = [];
  let asked: string | undefined;
  for (const { role, at, calls } of messages) {
    if (role === 'user') asked = at;
    else if (role === 'assistant' && calls === undefined && asked !== undefined) {
      times.push((Date.parse(at) - Date.parse(asked)) / 1000);
      asked = undefined;
    }
  }
  return times;
}

function conversationOf(thread: Thread, messages: readonly ThreadMessage[]): ConversationFact {
  const { created_at, updated_at, status, task_completed, sentiment } = thread;
  return {
    ...{ created_at, updated_at, status },
    // Neither calls of functions nor their answers are said by anybody.
    messages: messages.filter(({ role, calls }) => role !== 'tool' && calls === undefined).length,
    replies: responseTimes(messages),
    ...(task_completed === undefined ? {} : { task_completed }),
    ...(sentiment === undefined ? {} : { sentiment }),
  };
}

/** Items in portions: each of a few, and of no more weight than `most`, but for one that weighs more by itself. */
function portionsOf<T>(items: readonly T[], weightOf: (item: T) => number, most: number): T[][] {
  const portions: T[][] = [];
  let weight = 0;
  for (const item of items) {
    const last = portions.at(-1);
    weight += weightOf(item);
    if (last && last.length < AT_ONCE && weight <= most) last.push(item);
    else {
      portions.push([item]);
      weight = weightOf(item);
    }
  }
  return portions;
}

/** What a look finds of items, a portion at a time, with a turn for other calls in between. */
async function inTurns<T, R>(
  house: House,
  portions: readonly (readonly T[])[],
  look: (view: View, some: readonly T[]) => R[],
): Promise<R[]> {
  const slices = new Slices();
  const found: R[] = [];
  for (const some of portions) {
    found.push(...(await house.read((view) => look(view, some))));
    if (slices.isDue) await slices.next();
    else await turn();
  }
  return found;
}

function resultsOf(view: View, runs: readonly Run[]): [Run, readonly ContactResult[]][] {
  view.want({ results: runs.map(({ id }) => id) });
  return runs.flatMap(({ id }): [Run, readonly ContactResult[]][] => {
    const run = view.run(id);
    return run ? [[run, [...view.results(id).results.values()]]] : [];
  });
}

/** All that the figures of an agent rest on: its decisions by the log, and what its runs and conversations know. */
export async function collectFacts(house: House, agentId: string): Promise<AgentFacts> {
  const { firsts, apart } = (await readLog(house, agentId)).told(agentId);
  const decisions: DecisionFact[] = firsts.map((first) => ({ ...first })).sort(decisionOrder);
  const { runs, versions, threads } = await house.read((view) => ({
    runs: view.runsOf(agentId).filter(({ dry_run }) => !dry_run),
    versions: view.agentFile(agentId).versions,
    threads: view.find.threads({ agent_id: agentId }, ALL).rows,
  }));
  const reader = new RunReader(versions);
  const slices = new Slices();
  for (const fact of decisions) {
    reader.know(fact);
    if (slices.isDue) await slices.next();
  }
  const portions = portionsOf(runs, ({ summary }) => summary.contacts_evaluated, RESULTS_AT_ONCE);
  for (const [run, results] of await inTurns(house, portions, resultsOf))
    for (const _step of reader.take(run, results)) if (slices.isDue) await slices.next();
  const conversations = await inTurns(
    house,
    portionsOf(threads, () => 1, AT_ONCE),
    (view, some) => some.map((thread) => conversationOf(thread, view.messages(thread.thread_id))),
  );
  return { decisions, apart, ...reader.facts, conversations };
}
