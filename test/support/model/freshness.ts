import type { Action, Person, State } from './state.ts';

const DAY = 86_400_000;
const PERSON: readonly (keyof Person)[] = ['email', 'do_not_email', 'do_not_contact'];

/** What an evaluation saw of its contact: the fields, the messages sent by then, and how often the contact answered. */
export type Sight = { person: Person; sent: ReadonlySet<Action>; answers: number };

function messagesTo(state: State, contact: string): Action[] {
  return (state.ledger.get(contact) ?? []).filter(({ type, status }) => type !== 'note' && status === 'executed');
}

export function sightOf(state: State, contact: string): Sight {
  const person = state.contacts.get(contact);
  if (!person) throw new Error(`${contact} is not there`);
  return { person, sent: new Set(messagesTo(state, contact)), answers: state.answers.get(contact) ?? 0 };
}

/** Whether the same call approved both. A policy's approvals are no call, and a deleted run tells nothing. */
function isOfSameCall(state: State, action: Action, other: Action): boolean {
  if (action.status !== 'approved' || action.isAuto) return false;
  return other.by === action.by && state.runs.includes(other.run);
}

/** What moved since an action was proposed, in one text; empty where nothing did. */
export function movedSince(state: State, action: Action): string {
  const { contact, run, seen } = action;
  const person = state.contacts.get(contact);
  if (!person) return '';
  const fields = PERSON.flatMap((name) =>
    person[name] === seen.person[name] ? [] : `${name} ${seen.person[name]} > ${person[name]}`,
  );
  const messages = messagesTo(state, contact).filter(
    (other) => other.run !== run && !seen.sent.has(other) && !isOfSameCall(state, action, other),
  );
  const answers = (state.answers.get(contact) ?? 0) - seen.answers;
  return [...fields, ...messages.map((other) => `${other.run.id}/${other.index}`), answers || '']
    .filter((part) => part !== '')
    .join(', ');
}

/** The messages of the same agent and channel, from other runs, that wait beside a new one. */
export function waitingBeside(
  state: State,
  { run, contact, type }: Pick<Action, 'run' | 'contact' | 'type'>,
): Action[] {
  if (type === 'note') return [];
  return (state.ledger.get(contact) ?? []).filter(
    (other) =>
      other.run.agent === run.agent &&
      other.run !== run &&
      other.type === type &&
      (other.status === 'pending_approval' || other.status === 'approved'),
  );
}

/** Whether an action that waits makes room for a newer one. */
export function givesWay(state: State, action: Action): boolean {
  return action.proposedAt < state.now - 7 * DAY || movedSince(state, action) !== '';
}
