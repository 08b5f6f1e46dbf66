import type { Agent } from '../../domain/agents/agent.ts';
import { mandateDigest } from '../../domain/agents/mandate.ts';
import type { Author } from '../../domain/base/author.ts';
import { unlawful } from '../../domain/base/errors.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Action, ActionStatus, ContactResult } from '../../domain/runs/run.ts';
import { canBecome, isSettledByHand } from '../../domain/runs/transitions.ts';
import type { Event } from '../../domain/state/events.ts';
import { refKey } from '../../domain/state/state.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { findAction } from '../base/actions.ts';
import type { Moment } from '../base/moment.ts';
import { demandSignaturesLawful } from '../passkeys/signed-lock.ts';
import { demandBrakeObeyed } from './brake.ts';
import { autoApproves, lotOf, mandateNow, neededForChange } from './grant.ts';
import { liftedBy } from './lifted.ts';
import { isEnough, shortfallOf } from './proof.ts';

type ResultsRecorded = Event & { type: 'results_recorded' };
type MandateGranted = Event & { type: 'mandate_granted' };

/** Statuses from which only an approval leads to an effect: the action waits for a person, or was attempted before. */
const NEEDS_APPROVAL: ReadonlySet<string> = new Set<ActionStatus>(['pending_approval', 'failed', 'unknown']);

/**
 * Whether a step is an approval. An unknown attempt that a person settles as sent becomes `executed` too, but that is
 * no approval, and sets no `decided_at`.
 */
function isApproval({ from, to, set }: ActionChange): boolean {
  if (!NEEDS_APPROVAL.has(from) || from === to) return false;
  return to === 'approved' || (to === 'executed' && set.decided_at !== undefined);
}

/** What may change of an action that is put off, by its attempt or before: the yes stays what it was. */
const OF_WAIT: ReadonlySet<string> = new Set<keyof Action>(['waits', 'tries']);

function isPutOff(set: ActionChange['set']): boolean {
  return set.waits !== undefined && Object.keys(set).every((name) => OF_WAIT.has(name));
}

/** Whether the attempt that a decision names is the one that the action had; a retry is of exactly what it names. */
function isOfAttempt({ attempt, from, set }: ActionChange, action: Action | undefined): boolean {
  if (attempt?.status !== from || attempt.attempted_at !== (action?.attempted_at ?? '')) return false;
  return set.decided_at === undefined || attempt.digest === set.digest;
}

/** Checks the actions of one commit: each step against the table of lawful steps, each approval for its proof. */
class Lock {
  private readonly view: View;
  private readonly moment: Moment;
  /** The statuses that earlier events of the same commit gave to actions, by `refKey`. */
  private readonly statuses = new Map<string, ActionStatus>();
  /** The agents that earlier events of the same commit saved, by id. */
  private readonly saved = new Map<string, Agent>();

  constructor(view: View, moment: Moment) {
    this.view = view;
    this.moment = moment;
  }

  take(event: Event): void {
    if (event.type === 'results_recorded') for (const result of event.results) this.takeResult(event, result);
    if (event.type === 'contacts_saved') this.takeContacts(event);
    if (event.type === 'objections_lifted' && event.via !== 'human') throw unlawful('an objection was to be lifted');
    if (event.type === 'agent_saved') this.saved.set(event.agent.id, event.agent);
    if (event.type === 'mandate_granted') this.takeGrant(event);
    if (event.type === 'actions_changed') for (const change of event.changes) this.takeChange(change);
  }

  /** Only a person in a terminal lifts what a contact objected to. */
  private takeContacts(event: Event & { type: 'contacts_saved' }): void {
    if (event.via === 'human') return;
    const [first] = liftedBy(this.view, event);
    if (first) throw unlawful(`the contact ${first.contact_id} was to lose ${first.flags.join(', ')} without a person`);
  }

  private takeResult(event: ResultsRecorded, { contact_id, proposed_actions }: ContactResult): void {
    for (const action of proposed_actions) {
      const { action_index, status } = action;
      const ref = { run_id: event.run_id, contact_id, action_index };
      const key = refKey(ref);
      if (event.revises !== undefined && findAction(this.view, ref))
        throw unlawful(`the new action ${key} is there already`);
      if (!this.mayBegin(event, action, lotOf(ref, action.digest)))
        throw unlawful(`the new action ${key} may not begin as ${status}`);
      this.statuses.set(key, status);
    }
  }

  /**
   * A new action begins as `dry_run` in a dry run; else it waits, or is approved by its agent's own policy. What stands
   * in the place of an action that a person sent back waits for a person.
   */
  private mayBegin(event: ResultsRecorded, action: Action, lot: string): boolean {
    const { status } = action;
    const { agent_id, dry_run, revises } = event;
    if (dry_run || revises !== undefined || status !== 'approved')
      return status === (dry_run ? 'dry_run' : 'pending_approval');
    const agent = currentAgent(this.view, agent_id);
    const isPolicy = action.auto_approved === true && action.decided_via === 'policy';
    return isPolicy && agent !== undefined && autoApproves(this.view, agent, { ...action, lot }, this.moment.env);
  }

  /** A grant needs its proof, and is for the mandate that the agent has after this commit. */
  private takeGrant({ grants, via }: MandateGranted): void {
    for (const { agent_id, digest, mandate } of grants) {
      const agent = this.saved.get(agent_id) ?? currentAgent(this.view, agent_id);
      const now = agent && mandateDigest(mandateNow(this.view, agent));
      if (!agent || digest !== now || digest !== mandateDigest(mandate))
        throw unlawful(`agent ${agent_id} was to be granted a mandate that it doesn't have`);
      const needed = neededForChange(this.view, [agent], this.moment.env);
      if (!isEnough(via, needed))
        throw unlawful(`agent ${agent_id} was granted its mandate by "${via}", and needs "${needed}"`);
    }
  }

  private takeChange(change: ActionChange): void {
    const key = refKey(change);
    const action = findAction(this.view, change);
    const before = this.statuses.get(key) ?? action?.status;
    const { from, to, set } = change;
    if (before !== from)
      throw unlawful(`the action ${key} is ${before ?? 'not there'}, and was to change from ${from}`);
    if (!canBecome(from, to) && !isSettledByHand(change, action))
      throw unlawful(`the action ${key} can't become ${to} from ${from}`);
    if ((from === 'executing' || from === 'approved') && to === 'approved' && !isPutOff(set))
      throw unlawful(`the action ${key} was to be attempted again without a wait, or with another decision`);
    if (change.attempt && !isOfAttempt(change, action))
      throw unlawful(`a decision on the action ${key} names an attempt that it didn't have`);
    if (isApproval(change)) this.demandProof(change, action);
    this.statuses.set(key, to);
  }

  private demandProof(change: ActionChange, action: Action | undefined): void {
    const agent = currentAgent(this.view, change.agent_id);
    const { decided_via } = change.set;
    const found = agent && action && { ref: change, agent, action };
    const short = found && shortfallOf(this.view, this.moment.env, found, decided_via);
    if (found && decided_via !== undefined && !short) return;
    const needed = short?.needed ?? (found ? 'a proof' : 'an agent');
    throw unlawful(
      `the action ${refKey(change)} was to be approved by "${decided_via ?? 'nothing'}", and needs "${needed}"`,
    );
  }
}

/**
 * Refuses a commit with an unlawful step of an action: INTERNAL, and nothing is written. Every commit passes here
 * (`commit.ts`), so a reader of this file can be sure that no action takes effect without an approval.
 */
export function demandLawful(view: View, events: readonly Event[], author: Author, moment: Moment): void {
  demandBrakeObeyed(view, events);
  demandSignaturesLawful(view, author, events);
  const lock = new Lock(view, moment);
  for (const event of events) lock.take(event);
}
