import { givesWay, sightOf, waitingBeside } from './freshness.ts';
import { mandate } from './mandate.ts';
import {
  type Action,
  bindingOf,
  CAPABILITY,
  move,
  NEWS,
  type Process,
  type Proposal,
  type Result,
  type Run,
  type State,
  type Type,
  targetOf,
  trustsClients,
} from './state.ts';

const DAY = 86_400_000;
const COUNTED: ReadonlySet<string> = new Set(['approved', 'executing', 'executed', 'unknown']);
const STANDS: ReadonlySet<string> = new Set(['pending_approval', 'approved', 'executing', 'unknown', 'rejected']);

const MAY_BE_DONE: ReadonlySet<string> = new Set(['executing', 'unknown']);

export const LEVELS = ['client', 'elicited', 'human', 'signed'] as const;

/** Why an action is blocked, in one word. */
export type Reason = 'capability' | 'address' | 'consent' | 'cadence' | 'same' | 'waiting';

function isOutbound({ type }: Pick<Action, 'type'>): boolean {
  return type !== 'note';
}

function overCadence(state: State, settings: Run['settings'], others: readonly Action[]): boolean {
  const { cooldown_days, max_per_contact_per_week } = settings;
  const reached = others.filter((item) => isOutbound(item) && COUNTED.has(item.status));
  const within = (days: number) => reached.filter((item) => item.since > state.now - days * DAY).length;
  if (cooldown_days !== undefined && within(cooldown_days) > 0) return true;
  return max_per_contact_per_week !== undefined && within(7) >= max_per_contact_per_week;
}

/** Why an action is blocked, other than as a repeat. Asked at the gate, and again when the action is executed. */
export function objection(
  state: State,
  settings: Run['settings'],
  contact: string,
  action: Pick<Action, 'type'>,
  others: readonly Action[],
): Reason | undefined {
  const person = state.contacts.get(contact);
  if (!settings.capabilities.includes(CAPABILITY[action.type])) return 'capability';
  if (action.type === 'email_message' && !person?.email) return 'address';
  if (person?.do_not_contact && isOutbound(action)) return 'consent';
  if (person?.do_not_email && action.type === 'email_message') return 'consent';
  return isOutbound(action) && overCadence(state, settings, others) ? 'cadence' : undefined;
}

/** Where an action goes, or went: to its agent's receiver or its contact's address, as they are now while it waits. */
function placeOf(state: State, action: Action): string {
  const now = targetOf(state, action, action.run.agent.settings.hook);
  return action.status === 'pending_approval' ? now : (action.to ?? now);
}

function isRepeat(
  state: State,
  { type, text, to }: Proposal & { to: string },
  others: readonly Action[],
  stands: ReadonlySet<string>,
): boolean {
  return others.some(
    (item) =>
      item.type === type &&
      (item.text === text || item.proposed === text) &&
      placeOf(state, item) === to &&
      (stands.has(item.status) || (item.status === 'executed' && item.since > state.now - 30 * DAY)),
  );
}

/** Whether something forbids an approved action by now, where it is executed with this text. */
export function isOverruled(state: State, action: Action, text = action.text): boolean {
  const { type, contact, run } = action;
  const { settings } = run.agent;
  const others = (state.ledger.get(contact) ?? []).filter((item) => item !== action);
  if (settings.status === 'archived' || objection(state, settings, contact, action, others)) return true;
  return isRepeat(state, { type, text, to: targetOf(state, action, settings.hook) }, others, MAY_BE_DONE);
}

type Level = (typeof LEVELS)[number];

function isBelow(via: Level, ...needed: (Level | undefined)[]): boolean {
  return needed.some((level = 'client') => LEVELS.indexOf(via) < LEVELS.indexOf(level));
}

/** Whether a proof is too weak for what an agent itself demands, such as for its deletion. */
export function fallsShortOf({ settings }: Run['agent'], via: Level): boolean {
  return isBelow(via, settings.min_proof);
}

/** Whether a proof is too weak to approve an action in this process. A webhook leaves the machine; nothing else does. */
export function fallsShort({ type, run }: Action, via: Level, process: Process): boolean {
  const least = type === 'webhook' && !trustsClients(process) ? 'elicited' : 'client';
  return isBelow(via, run.agent.settings.min_proof, least);
}

/** Whether an action happens unasked: a note by the settings alone, anything else as a person allowed it. */
export function isApprovedBy(settings: Run['settings'], agent: Run['agent'], type: Proposal['type']): boolean {
  return settings.auto_approve.includes(type) && (type === 'note' || agent.granted === mandate(settings));
}

/** The time until which a person may decide, for an action that begins to wait now. */
export function limitFrom(state: State, { expires_after_hours }: Run['settings'], type: Type): number | undefined {
  const hours = expires_after_hours ?? (type === 'webhook' ? 168 : undefined);
  return hours === undefined ? undefined : state.now + hours * 3_600_000;
}

function newAction(state: State, run: Run, contact: string, proposal: Proposal, index: number): Action {
  // Both the agent as it was at the trigger and the agent as it is now have to approve.
  const policies = [run.settings, run.agent.settings];
  const isApproved = policies.every(
    (item) => item.status !== 'archived' && isApprovedBy(item, run.agent, proposal.type),
  );
  const isAuto = isApproved && !run.isDry;
  const action: Action = {
    ...{ run, contact, index, ...proposal, proposed: proposal.text, isAuto, since: state.now, binding: '' },
    ...{ seen: sightOf(state, contact), proposedAt: state.now },
    status: run.isDry ? 'dry_run' : isAuto ? 'approved' : 'pending_approval',
    ...{ by: isAuto ? 'policy' : undefined, via: undefined, holder: isAuto ? run.holder : undefined },
    expires: run.isDry ? undefined : limitFrom(state, run.settings, proposal.type),
  };
  action.binding = bindingOf(state, action, run.settings.hook);
  if (isAuto) action.to = targetOf(state, action, run.agent.settings.hook);
  return action;
}

/** The result for one contact: what the agent proposes, after the gate. */
function resultFor(state: State, run: Run, contact: string): Result {
  const result: Result = { actions: [], blocked: [], isGone: !state.contacts.has(contact) };
  if (result.isGone) return result;
  const others = [...(state.ledger.get(contact) ?? [])];
  for (const { type, text } of run.settings.propose) {
    const proposal = { type, text: text === NEWS ? new Date(state.now).toISOString() : text };
    const to = targetOf(state, { type, contact }, run.agent.settings.hook);
    const repeat = isRepeat(state, { ...proposal, to }, others, STANDS) ? 'same' : undefined;
    const beside = waitingBeside(state, { run, contact, type });
    const waits = beside.every((item) => givesWay(state, item)) ? undefined : 'waiting';
    const reason = objection(state, run.settings, contact, proposal, others) ?? repeat ?? waits;
    if (reason) {
      result.blocked.push(reason);
      continue;
    }
    const action = newAction(state, run, contact, proposal, result.actions.length);
    result.actions.push(action);
    others.push(run.isDry ? { ...action, status: 'pending_approval' } : action);
  }
  return result;
}

/** Records a run's results for these contacts. Notes that the agent itself approves are executed in the same commit. */
export function record(state: State, run: Run, contacts: readonly string[]): void {
  const results = contacts.map((contact) => [contact, resultFor(state, run, contact)] as const);
  for (const [contact, result] of results) {
    run.results.set(contact, result);
    run.history.push(result);
    if (run.isDry) continue;
    run.agent.evaluated.set(contact, state.now);
    if (result.actions.length === 0) continue;
    state.ledger.set(contact, [...(state.ledger.get(contact) ?? []), ...result.actions]);
    for (const action of result.actions) move(state, action, action.status);
    for (const old of result.actions.flatMap((action) => waitingBeside(state, action))) {
      old.by = 'countersign';
      old.holder = undefined;
      move(state, old, 'cancelled');
    }
  }
  for (const action of results.flatMap(([, result]) => result.actions))
    if (action.type === 'note' && action.status === 'approved') move(state, action, 'executed');
}
