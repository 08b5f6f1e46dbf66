import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import { differInTextsOnly, editDistance } from '../../domain/learning/edit-distance.ts';
import { type AgentFacts, type DecisionFact, firstDraft, kindOfReason } from '../../domain/learning/facts.ts';
import type { FirstDecision } from '../../domain/learning/population.ts';
import type { Action, ContactResult, Run } from '../../domain/runs/run.ts';
import { effectiveParams } from '../base/actions.ts';

const keyOf = ({
  run_id,
  contact_id = '',
  action_index,
}: Pick<FirstDecision, 'run_id' | 'contact_id' | 'action_index'>) => `${run_id}/${action_index}/${contact_id}`;

/** How far what a person approved is from what was first proposed. */
export function editOf(first: Action, approved: Action): Pick<DecisionFact, 'distance' | 'is_beyond_texts'> {
  const [before, after] = [first.params, effectiveParams(approved)];
  const distance = editDistance(before, after);
  if (differInTextsOnly(before, after)) return { distance };
  // Where no letter of a text differs, all that was edited is a number or a field.
  return { distance: distance > 0 ? distance : 1, is_beyond_texts: true };
}

/** Takes in what runs know: of the actions that were decided on, and what came of each. */
export class RunReader {
  readonly facts: Omit<AgentFacts, 'decisions' | 'apart' | 'conversations'> = {
    outcomes: [],
    blocked: [],
    evaluations: [],
  };
  readonly #decided = new Map<string, DecisionFact>();
  readonly #versions: ReadonlyMap<number, Agent>;

  constructor(versions: readonly Agent[]) {
    this.#versions = new Map(versions.map((agent) => [agent.version, agent]));
  }

  /** Takes in a decision. All of them come before the first run. */
  know(fact: DecisionFact): void {
    this.#decided.set(keyOf(fact), fact);
  }

  /** Takes in a run, with a step after each result: a run may have thousands. */
  *take(run: Run, results: Iterable<ContactResult>): Generator<undefined, void> {
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
      yield;
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
    fact.waited_s = Math.max(0, Date.parse(fact.at) - Date.parse(proposed_at)) / 1000;
    if (fact.decision === 'rejected') return;
    const first = firstDraft(action, proposed_actions);
    fact.edited ||= first !== action;
    if (fact.edited) Object.assign(fact, editOf(first, action));
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
