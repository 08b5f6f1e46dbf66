import { isRunOver, type Run } from '../domain/run.ts';

/** What to do after a run was made, in one sentence. */
export function nextStep(run: Run): string {
  const { summary } = run;
  if (run.status === 'failed') return `The run failed: ${run.error?.message ?? 'see error'}`;
  if (!isRunOver(run.status))
    return `The run is ${run.status}. Call get_run with run_id "${run.id}" and wait_seconds to follow it.`;
  if (run.dry_run)
    return `A dry run: nothing waits and nothing can happen. get_run shows what each contact would get; trigger_agent without dry_run proposes it.`;
  if (summary.actions_pending_approval > 0) {
    return `${summary.actions_pending_approval} action(s) wait for a decision. Show them to the person with list_pending_actions {"run_id": "${run.id}"}.`;
  }
  if (summary.contacts_targeted === 0) return 'No contact matched. Check monitoring.filter with list_contacts.';
  return 'Nothing waits. get_run shows the reasoning for each contact.';
}
