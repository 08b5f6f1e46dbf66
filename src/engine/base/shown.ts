import type { Contact } from '../../domain/contacts/contact.ts';
import type { Action, Run } from '../../domain/runs/run.ts';

/** An action as shown: without what only the engine needs. */
export function shownAction(action: Action): Omit<Action, 'holder'> {
  const { holder: _holder, ...shown } = action;
  return shown;
}

/** A run as shown: without what only the engine needs. */
export function shownRun(run: Run): Omit<Run, 'holder'> {
  const { holder: _holder, ...shown } = run;
  return shown;
}

/** What a reader needs to recognise a contact. */
export function briefContact(contact: Contact | undefined): Record<string, unknown> {
  if (!contact) return {};
  const { id, email, firstname, lastname, company, lifecycle_stage } = contact;
  return { id, email, firstname, lastname, company, lifecycle_stage };
}
