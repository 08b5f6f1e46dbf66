import type { ActionScene, ActionType } from '../../actions/action.ts';
import type { BlockingFlag } from '../../domain/contacts/contact.ts';

/** The flag that forbids an action, and whose it is: this contact's unless `why` says otherwise. */
export type Objection = { flag: BlockingFlag; why: string };

/**
 * What forbids an action of a type in a scene: a flag of the contact, of another contact with the same address, or one
 * that was kept when a contact with the address was erased. Consent belongs to the address (contract, section 3).
 */
export function consentObjection(
  { consent }: Pick<ActionType, 'consent'>,
  { contact, sharing = [], kept_objection = [] }: ActionScene,
): Objection | undefined {
  const own = consent.find((flag) => contact[flag]);
  if (own) return { flag: own, why: `the contact has ${own} set` };
  for (const other of sharing) {
    const flag = consent.find((name) => other[name]);
    if (flag) return { flag, why: `contact "${other.id}", which has the same address, has ${flag} set` };
  }
  const kept = consent.find((flag) => kept_objection.includes(flag));
  return kept && { flag: kept, why: `the address had ${kept} set before a contact with it was erased` };
}
