import { isRunOver, type Run } from '../domain/runs/run.ts';
import type { Handing } from '../engine/runs/assistant.ts';
import type { Returned } from '../engine/runs/revise.ts';

/** The result of next_evaluation or submit_evaluation, with `next`: what to do now, in words. */
export function handed<T extends Handing>(
  runId: string,
  { paused, ...handing }: T,
): Omit<T, 'paused'> & { next: string } {
  const { evaluation, done, remaining } = handing;
  if (done)
    return {
      ...handing,
      next: `Every contact has its result. Show the person what waits with list_pending_actions {"run_id": "${runId}"}; get_run has the reasoning.`,
    };
  if (evaluation)
    return { ...handing, next: `Answer with submit_evaluation, evaluation_id "${evaluation.evaluation_id}".` };
  if (paused)
    return {
      ...handing,
      next: `The brake is on: the remaining ${remaining} contact(s) are handed out once the person takes it off. Then call next_evaluation.`,
    };
  return {
    ...handing,
    next: `Other assistants have the remaining ${remaining} contact(s) in hand. Call next_evaluation again later: a contact without an answer after 10 minutes is handed out anew.`,
  };
}

function likelyCost({ expected_cost_usd }: Run): string {
  return expected_cost_usd === undefined
    ? ''
    : ` It is likely to cost ${expected_cost_usd.toFixed(4)} USD, as earlier runs did.`;
}

/** What to do now that a run was made, in words. */
export function nextStep(run: Run): string {
  const { summary } = run;
  if (run.status === 'failed') return `The run failed: ${run.error?.message ?? 'see error'}`;
  if (run.status === 'awaiting_evaluation') {
    const left = summary.contacts_targeted - summary.contacts_evaluated;
    return `You reason for this agent: ${left} contact(s) await your evaluation. Call next_evaluation with run_id "${run.id}", reason about the contact, and answer with submit_evaluation, which hands you the next contact, until done is true.`;
  }
  if (!isRunOver(run.status))
    return `The run is ${run.status}.${likelyCost(run)} Call get_run with run_id "${run.id}" and wait_seconds to follow it.`;
  if (run.dry_run)
    return `This was a dry run: nothing waits and nothing can happen. get_run shows what the agent would propose for each contact; trigger_agent without dry_run proposes it.`;
  if (summary.actions_pending_approval > 0) {
    return `${summary.actions_pending_approval} action(s) wait for a decision. Show them to the person with list_pending_actions {"run_id": "${run.id}"}.`;
  }
  if (summary.contacts_targeted === 0) return 'No contact matched. Check monitoring.filter with list_contacts.';
  return 'Nothing waits. get_run shows the reasoning for each contact.';
}

/** What to do now that an action was sent back, in words. */
export function revisionStep(runId: string, { action, mind, isOpen, revision }: Returned): string {
  const { superseded_by } = action;
  if (isOpen && mind === 'assistant')
    return `You revise it: next_evaluation with run_id "${runId}" hands you the contact again, with the draft and the feedback; answer with submit_evaluation.`;
  if (isOpen)
    return `The model is being asked. superseded_by of this action in get_run, run_id "${runId}", will be the index of the new draft, which waits in list_pending_actions.`;
  if (revision?.error && superseded_by !== undefined)
    return `It could not be revised (${revision.error.message}), so the draft of before waits again, as action ${superseded_by}: the person can approve_action it with an edit, reject_action it, or try again.`;
  if (superseded_by !== undefined)
    return `Action ${superseded_by} is the new draft. Show it to the person with list_pending_actions.`;
  return `Nothing stands in its place: get_run, run_id "${runId}", says why under revisions and blocked_actions.`;
}
