import { setImmediate as turn } from 'node:timers/promises';
import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { Thread, ThreadMessage } from '../../domain/agents/thread.ts';
import { chunkOf, nextChunk } from '../../domain/decisions/decision.ts';
import { differInTextsOnly, editDistance } from '../../domain/learning/edit-distance.ts';
import {
  type AgentFacts,
  type ConversationFact,
  type DecisionFact,
  firstDraft,
  kindOfReason,
} from '../../domain/learning/facts.ts';
import { decisionOrder, type FirstDecision, LogReader } from '../../domain/learning/population.ts';
import type { Action, ContactResult, Run } from '../../domain/runs/run.ts';
import { ALL } from '../../domain/state/queries.ts';
import type { View } from '../../domain/state/view.ts';
import { Slices } from '../../store/turns.ts';
import { effectiveParams } from '../base/actions.ts';
import type { House } from '../base/house.ts';

/** So many runs or conversations are looked at together: more would hold up other calls while they load. */
const AT_ONCE = 20;

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

const keyOf = ({
  run_id,
  contact_id = '',
  action_index,
}: Pick<FirstDecision, 'run_id' | 'contact_id' | 'action_index'>) => `${run_id}/${action_index}/${contact_id}`;

/** How far what a person approved is from what was first proposed; a number or field that changed is a change throughout. */
export function distanceOf(first: Action, approved: Action): number {
  const [before, after] = [first.params, effectiveParams(approved)];
  const distance = editDistance(before, after);
  return distance > 0 || differInTextsOnly(before, after) ? distance : 1;
}

/** Takes in what runs know: of the actions that were decided on, and what came of each. */
class RunReader {
  readonly facts: Omit<AgentFacts, 'decisions' | 'apart' | 'conversations'> = {
    outcomes: [],
    blocked: [],
    evaluations: [],
  };
  readonly #decided: Map<string, DecisionFact>;
  readonly #versions: ReadonlyMap<number, Agent>;

  constructor(decided: readonly DecisionFact[], versions: readonly Agent[]) {
    this.#decided = new Map(decided.map((fact) => [keyOf(fact), fact]));
    this.#versions = new Map(versions.map((agent) => [agent.version, agent]));
  }

  take(run: Run, results: Iterable<ContactResult>): void {
    const was = run.completed_at ?? run.started_at ?? run.created_at;
    const seen = { executed: 0, failed: 0, unknown: 0, blocked: 0, evaluated: 0, usd: 0 };
    for (const result of results) {
      const at = result.seen?.at ?? result.proposed_actions[0]?.proposed_at ?? was;
      seen.evaluated += 1;
      seen.usd += result.usage?.cost_usd ?? 0;
      this.#takeEvaluation(run, result, at);
      for (const { reason } of result.blocked_actions) {
        seen.blocked += 1;
        this.facts.blocked.push({ at, reason: kindOfReason(reason), n: 1 });
      }
      for (const action of result.proposed_actions) {
        this.#takeDecided(run, result, action);
        const { status, executed_at, attempted_at, decided_at } = action;
        if (status !== 'executed' && status !== 'failed' && status !== 'unknown') continue;
        seen[status] += 1;
        this.facts.outcomes.push({ status, at: executed_at ?? attempted_at ?? decided_at ?? was });
      }
    }
    this.#takeErased(run, seen, was);
  }

  #takeEvaluation({ agent_version, trigger }: Run, { usage, error }: ContactResult, at: string): void {
    if (trigger === 'chat') return;
    const agent = this.#versions.get(agent_version);
    const isFree = agent !== undefined && effectiveProvider(agent) === 'rules';
    const cost = isFree || (error && !usage) ? 0 : (usage?.cost_usd ?? null);
    this.facts.evaluations.push({ at, n: 1, priced: cost === null ? 0 : 1, usd: cost ?? 0 });
  }

  #takeDecided({ id: run_id }: Run, { contact_id, proposed_actions }: ContactResult, action: Action): void {
    const { action_index, proposed_at } = action;
    const fact = this.#decided.get(keyOf({ run_id, contact_id, action_index }));
    if (!fact) return;
    fact.proposed_at = proposed_at;
    if (fact.decision === 'rejected') return;
    const first = firstDraft(action, proposed_actions);
    fact.edited ||= first !== action;
    if (fact.edited) fact.distance = distanceOf(first, action);
  }

  /** What a run's counts still have of contacts that were erased: they stay as counts. */
  #takeErased(
    run: Run,
    seen: Record<'executed' | 'failed' | 'unknown' | 'blocked' | 'evaluated' | 'usd', number>,
    at: string,
  ) {
    const { actions_executed, actions_failed, actions_unknown, actions_blocked, contacts_evaluated, usage } =
      run.summary;
    const gone = { executed: actions_executed, failed: actions_failed, unknown: actions_unknown };
    for (const status of ['executed', 'failed', 'unknown'] as const)
      for (let left = gone[status] - seen[status]; left > 0; left--) this.facts.outcomes.push({ status, at });
    const blocked = actions_blocked - seen.blocked;
    if (blocked > 0) this.facts.blocked.push({ at, reason: 'of erased contacts', n: blocked });
    const n = contacts_evaluated - seen.evaluated;
    if (n <= 0 || run.trigger === 'chat') return;
    const agent = this.#versions.get(run.agent_version);
    const isPriced = (agent && effectiveProvider(agent) === 'rules') || typeof usage?.cost_usd === 'number';
    const usd = Math.max(0, (usage?.cost_usd ?? 0) - seen.usd);
    this.facts.evaluations.push({ at, n, priced: isPriced ? n : 0, usd });
  }
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

/** What a look finds of `items`, some at a time, with a turn for other calls in between. */
async function inTurns<T, R>(
  house: House,
  items: readonly T[],
  look: (view: View, some: readonly T[]) => R[],
): Promise<R[]> {
  const slices = new Slices();
  const found: R[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const some = items.slice(from, from + AT_ONCE);
    found.push(...(await house.read((view) => look(view, some))));
    if (slices.isDue) await slices.next();
    else await turn();
  }
  return found;
}

function resultsOf(view: View, ids: readonly string[]): [Run, readonly ContactResult[]][] {
  view.want({ results: ids });
  return ids.flatMap((id): [Run, readonly ContactResult[]][] => {
    const run = view.run(id);
    return run ? [[run, [...view.results(id).results.values()]]] : [];
  });
}

/** All that the figures of an agent rest on: its decisions by the log, and what its runs and conversations know. */
export async function collectFacts(house: House, agentId: string): Promise<AgentFacts> {
  const { firsts, apart } = (await readLog(house, agentId)).told(agentId);
  const decisions: DecisionFact[] = firsts.map((first) => ({ ...first })).sort(decisionOrder);
  const { runs, versions, threads } = await house.read((view) => ({
    runs: view.runsOf(agentId).flatMap(({ id, dry_run }) => (dry_run ? [] : [id])),
    versions: view.agentFile(agentId).versions,
    threads: view.find.threads({ agent_id: agentId }, ALL).rows,
  }));
  const reader = new RunReader(decisions, versions);
  const slices = new Slices();
  for (const [run, results] of await inTurns(house, runs, resultsOf)) {
    reader.take(run, results);
    if (slices.isDue) await slices.next();
  }
  const conversations = await inTurns(house, threads, (view, some) =>
    some.map((thread) => conversationOf(thread, view.messages(thread.thread_id))),
  );
  return { decisions, apart, ...reader.facts, conversations };
}
