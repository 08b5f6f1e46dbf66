import type { DecisionEntry, DecisionKind } from '../decisions/decision.ts';
import type { Proof } from '../runs/run.ts';

/** A person's first word on an action. `contact_id` and `reason` are gone with an erased contact; the rest still counts. */
export type FirstDecision = {
  seq: number;
  at: string;
  run_id: string;
  action_index: number;
  contact_id?: string;
  type: string;
  version: number;
  decision: 'approved' | 'rejected';
  /** The params approved differ from the ones proposed. What a revision proposed is counted so by whoever knows of it. */
  edited: boolean;
  via: Proof;
  reason?: string;
};

/** What else the log tells of an agent's actions, each at its own time. None of it is in a rate. */
export type Apart = { kind: 'expired' | 'cancelled' | 'auto_approved'; at: string };
/** What the decision log says of one agent. */
export type LogTold = { firsts: FirstDecision[]; apart: Apart[] };

/** What a person says of an action that waits. */
const WORDS: ReadonlySet<DecisionKind> = new Set<DecisionKind>(['approved', 'rejected']);

function apartOf({ decision, via, at }: DecisionEntry): Apart | undefined {
  if (decision === 'expired') return { kind: 'expired', at };
  if (decision === 'cancelled' || decision === 'revised') return { kind: 'cancelled', at };
  return decision === 'approved' && via === 'policy' ? { kind: 'auto_approved', at } : undefined;
}

function firstWord(entry: DecisionEntry, decision: FirstDecision['decision']): FirstDecision {
  const { seq, at, run_id = '', action_index = -1, type = '', agent_version = 0, edited, via, personal } = entry;
  const first = { seq, at, run_id, action_index, type, version: agent_version, decision, via };
  return {
    ...first,
    edited: decision === 'approved' && edited === true,
    ...(personal ? { contact_id: personal.contact_id } : {}),
    ...(personal?.reason === undefined || decision === 'approved' ? {} : { reason: personal.reason }),
  };
}

/**
 * Reads the decision log, one entry after the other, for what a person first said of each action of each agent. An entry of a
 * policy is no person's word; a second word on an action that came back is no first one.
 */
export class LogReader {
  readonly #byAgent = new Map<string, LogTold>();
  readonly #decided = new Set<string>();
  /** How often actions of erased contacts came back, by run and index: the log doesn't tell them apart any more. */
  readonly #returned = new Map<string, number>();

  take(entry: DecisionEntry): void {
    const { agent_id, run_id, decision, via } = entry;
    if (agent_id === undefined || run_id === undefined) return;
    const told = this.#of(agent_id);
    const apart = apartOf(entry);
    if (apart) told.apart.push(apart);
    if (decision === 'returned' && !entry.personal) this.#move(entry, 1);
    if (via === 'policy' || !WORDS.has(decision) || !this.#isFirst(entry)) return;
    told.firsts.push(firstWord(entry, decision === 'approved' ? 'approved' : 'rejected'));
  }

  #isFirst(entry: DecisionEntry): boolean {
    const { run_id, action_index, personal } = entry;
    if (!personal) return this.#move(entry, -1) < 0;
    const address = `${run_id}/${action_index}/${personal.contact_id}`;
    const isFirst = !this.#decided.has(address);
    this.#decided.add(address);
    return isFirst;
  }

  /** Counts an erased contact's actions that came back and weren't decided since; below 0 where there was none, which isn't kept. */
  #move({ run_id, action_index }: DecisionEntry, by: number): number {
    const place = `${run_id}/${action_index}`;
    const now = (this.#returned.get(place) ?? 0) + by;
    if (now >= 0) this.#returned.set(place, now);
    return now;
  }

  #of(agentId: string): LogTold {
    const told = this.#byAgent.get(agentId) ?? { firsts: [], apart: [] };
    this.#byAgent.set(agentId, told);
    return told;
  }

  told(agentId: string): LogTold {
    return this.#byAgent.get(agentId) ?? { firsts: [], apart: [] };
  }
}

/** By time, then run, contact and index: an order that holds for decisions of one moment, too. */
export function decisionOrder(one: FirstDecision, other: FirstDecision): number {
  const by = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
  return (
    by(one.at, other.at) ||
    by(one.run_id, other.run_id) ||
    by(one.contact_id ?? '', other.contact_id ?? '') ||
    one.action_index - other.action_index
  );
}
