import { expect } from 'vitest';
import {
  emptySummary,
  type Action as RealAction,
  type Run as RealRun,
  type RunSummary,
} from '../../../src/domain/runs/run.ts';
import { refKey } from '../../../src/domain/state/state.ts';
import type { View } from '../../../src/domain/state/view.ts';
import { outboxFileName } from '../../../src/files/outbox.ts';
import { agentsIn, contactsIn, runsIn } from '../store.ts';
import { miscounted } from '../whole.ts';
import type { Reason } from './gate.ts';
import type { Office } from './office.ts';
import { type Action, addressOf, paramsOf, type Result, type Run, type State } from './state.ts';

/** The whole state in a few plain words. The product's picture and the model's have to be equal. */
export type Picture = {
  brake: boolean;
  agents: Record<string, string>;
  contacts: Record<string, string>;
  runs: Record<string, { status: string; summary: RunSummary; blocked: Record<string, string[]> }>;
  actions: Record<string, string>;
  ledger: Record<string, string[]>;
  notes: Record<string, string[]>;
  open: string[];
};

const REASONS: readonly [RegExp, Reason][] = [
  [/needs the capability/, 'capability'],
  [/no email address/, 'address'],
  [/has do_not_/, 'consent'],
  [/^limits\./, 'cadence'],
  [/the same action/, 'same'],
  [/for this contact already/, 'waiting'],
];

function reasonIn(text: string): string {
  return REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}

function words(...parts: unknown[]): string {
  return parts.map((part) => part ?? '-').join(' | ');
}

function tellAction({ params, edited_params, status, auto_approved, decided_by, expires_at }: RealAction): string {
  const text = JSON.stringify(edited_params ?? params);
  return words(status, text, auto_approved === true, decided_by, expires_at);
}

function tellRun(view: View, { id, status, summary }: RealRun): Picture['runs'][string] {
  const results = [...view.results(id).results.values()];
  const blocked = results.map(({ contact_id, blocked_actions }) => [
    contact_id,
    blocked_actions.map(({ reason }) => reasonIn(reason)),
  ]);
  return { status, summary, blocked: Object.fromEntries(blocked) };
}

/** The product's state, as one view of it tells. */
export function pictureOf(view: View): Picture {
  const runs = runsIn(view);
  const actions = runs.flatMap(({ id: run_id }) =>
    [...view.results(run_id).results.values()].flatMap(({ contact_id, proposed_actions }) =>
      proposed_actions.map((action) => [
        refKey({ run_id, contact_id, action_index: action.action_index }),
        tellAction(action),
      ]),
    ),
  );
  const contacts = contactsIn(view);
  return {
    brake: view.brake().on,
    agents: Object.fromEntries(
      agentsIn(view).map((agent) => [
        agent.name,
        words(agent.status, agent.version, view.standing(agent.id)?.grant !== undefined),
      ]),
    ),
    contacts: Object.fromEntries(
      contacts.map(({ id, email, do_not_email, do_not_contact }) => [id, words(email, do_not_email, do_not_contact)]),
    ),
    runs: Object.fromEntries(runs.map((run) => [run.id, tellRun(view, run)])),
    actions: Object.fromEntries(actions),
    ledger: Object.fromEntries(
      contacts.map(({ id }) => [
        id,
        view.ledger(id).map((entry) => words(entry.run_id, entry.action_index, entry.status)),
      ]),
    ),
    notes: Object.fromEntries(
      contacts.map(({ id }) => [
        id,
        view
          .activity(id)
          .notes.map((note) => note.body)
          .sort(),
      ]),
    ),
    open: view.open({}).map((item) => words(refKey(item), item.status)),
  };
}

function expectAction({ type, text, status, isAuto, by, expires }: Action): string {
  const at = expires === undefined ? undefined : new Date(expires).toISOString();
  return words(status, JSON.stringify(paramsOf({ type, text })), isAuto, by, at);
}

/** The count of a run's summary in which an action stands by its decision; undefined for a dry run. */
function decisionIn({ status, isAuto }: Action): keyof RunSummary | undefined {
  if (status === 'dry_run') return undefined;
  if (status === 'pending_approval') return 'actions_pending_approval';
  if (status === 'rejected') return 'actions_rejected';
  if (status === 'expired') return 'actions_expired';
  if (status === 'cancelled') return 'actions_cancelled';
  return isAuto ? 'actions_auto_approved' : 'actions_approved';
}

/** The summary of a run, counted anew from the run's actions. */
function summaryOf({ history, targeted }: Run): RunSummary {
  const actions = history.flatMap((result: Result) => result.actions);
  const counted = (count: keyof RunSummary) => actions.filter((action) => decisionIn(action) === count).length;
  const ended = (status: string) => actions.filter((action) => action.status === status).length;
  return {
    ...emptySummary(),
    contacts_targeted: targeted,
    contacts_evaluated: history.length,
    actions_proposed: actions.length,
    actions_pending_approval: counted('actions_pending_approval'),
    actions_approved: counted('actions_approved'),
    actions_auto_approved: counted('actions_auto_approved'),
    actions_rejected: counted('actions_rejected'),
    actions_expired: counted('actions_expired'),
    actions_cancelled: counted('actions_cancelled'),
    actions_executed: ended('executed'),
    actions_failed: ended('failed'),
    actions_unknown: ended('unknown'),
    actions_blocked: history.flatMap((result) => result.blocked).length,
    errors: history.filter((result) => result.isGone).length,
  };
}

/** The notes that a contact has to have: those of executed actions, and no others. */
function notesOn(state: State, contact: string): string[] {
  const about = state.ledger.get(contact) ?? [];
  return about.flatMap(({ type, status, text }) => (type === 'note' && status === 'executed' ? [text] : [])).sort();
}

/** The model's state: what every process has to tell. */
export function expectedPicture(state: State): Picture {
  const { agents, contacts, runs, open } = state;
  const told = (run: Run) => ({
    status: run.status,
    summary: summaryOf(run),
    blocked: Object.fromEntries([...run.results].map(([contact, result]) => [contact, result.blocked])),
  });
  const ledger = (contact: string) =>
    (state.ledger.get(contact) ?? []).map(({ run, index, status }) => words(run.id, index, status));
  return {
    brake: state.brake,
    agents: Object.fromEntries(
      [...agents].map(([name, agent]) => [
        name,
        words(agent.settings.status, agent.version, agent.granted !== undefined),
      ]),
    ),
    contacts: Object.fromEntries(
      [...contacts].map(([id, person]) => [id, words(person.email, person.do_not_email, person.do_not_contact)]),
    ),
    runs: Object.fromEntries(runs.map((run) => [run.id, told(run)])),
    actions: Object.fromEntries(state.actions().map((action) => [addressOf(action), expectAction(action)])),
    ledger: Object.fromEntries([...contacts.keys()].map((id) => [id, ledger(id)])),
    notes: Object.fromEntries([...contacts.keys()].map((id) => [id, notesOn(state, id)])),
    open: open.map((action) => words(addressOf(action), action.status)),
  };
}

/** How often each action reached the receiver of webhooks, by the action's address. */
export function receivedBy(office: Office): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { body } of office.sink.requests) {
    const key = refKey(JSON.parse(body));
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** Expects that every process tells what the model tells, and that receiver and outbox got exactly what they should. */
export async function compare(state: State, office: Office): Promise<void> {
  const expected = expectedPicture(state);
  for (const { house } of office.places) {
    const { picture, wrong } = await house.read((view) => ({
      picture: pictureOf(view),
      wrong: miscounted(view),
    }));
    expect(picture).toEqual(expected);
    expect(wrong).toEqual([]);
  }
  expect(receivedBy(office)).toEqual(Object.fromEntries(state.sent));
  const letters = [...state.written].map(({ run, contact, index }) =>
    outboxFileName({ run_id: run.id, contact_id: contact, action_index: index }, 'eml'),
  );
  expect(office.outbox()).toEqual(letters.sort());
}
