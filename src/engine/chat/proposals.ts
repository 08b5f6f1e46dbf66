import type { Agent } from '../../domain/agents/agent.ts';
import type { Author } from '../../domain/base/author.ts';
import type { Event } from '../../domain/state/events.ts';
import type { Evaluation } from '../../evaluators/evaluator.ts';
import type { House } from '../base/house.ts';
import { demandContact } from '../base/lookup.ts';
import { startAttempts } from '../execution/attempt.ts';
import { applyApproved } from '../execution/own-effects.ts';
import type { Sight } from '../gate/sight.ts';
import { offersFor } from '../gate/tool-offers.ts';
import { supersededBy } from '../gate/waiting.ts';
import { resultOf } from '../runs/results.ts';
import { newRun } from '../runs/trigger.ts';

export type ChatProposal = {
  run_id: string;
  accepted: number;
  blocked: { type: string; params: Record<string, unknown>; reason: string }[];
};

/** Passes the proposals of a chat through the gate, as a run of their own on one contact, all in one commit. */
export async function proposeInChat(
  house: House,
  by: Author,
  agent: Agent,
  proposed: { contactId: string; evaluation: Evaluation; sight?: Sight | undefined },
): Promise<ChatProposal> {
  const { contactId, evaluation } = proposed;
  const offers = await offersFor(house, agent, evaluation.proposed_actions);
  const proposal = await house.commit(by, (view, moment) => {
    demandContact(view, contactId);
    const { at, holder } = moment;
    const created = newRun(view, moment, agent, { by, trigger: 'chat', whom: { named: [contactId] } });
    const { run } = created;
    const gated = { id: run.id, dry_run: false, source: 'chat' as const };
    const result = resultOf(view, moment, { run: gated, agent, offers }, proposed);
    const base = { run_id: run.id, agent_id: agent.id, at };
    const recorded = { type: 'results_recorded' as const, ...base, dry_run: false, results: [result] };
    const events: Event[] = [
      created,
      { type: 'run_started', ...base, holder, targets: [contactId] },
      recorded,
      ...supersededBy(view, recorded),
      ...applyApproved(view, agent, recorded),
      { type: 'run_ended', ...base, status: 'completed' },
    ];
    const value: ChatProposal = {
      run_id: run.id,
      accepted: result.proposed_actions.length,
      blocked: result.blocked_actions,
    };
    return { events, value };
  });
  startAttempts(house);
  return proposal;
}
