import type { ActionScene, ActionType } from '../../actions/action.ts';
import type { BlockingFlag, Contact } from '../../domain/contacts/contact.ts';

/** The flag that forbids an action, and whose it is: this contact's unless `why` says otherwise. */
export type Objection = { flag: BlockingFlag; why: string };

/** That a contact has a flag, and since when where it is a bounce: nobody wished that one, so it may want a correction. */
function told(flag: BlockingFlag, { bounced_at }: Contact): string {
  if (flag !== 'bounced' || bounced_at === undefined) return `${flag} set`;
  return `bounced set: a mail server refused the address for good (${bounced_at})`;
}

type Consenting = Pick<ActionType, 'consent' | 'answers'>;

/**
 * What forbids an action of a type in a scene: a flag of the contact, of another contact with the same address, or one
 * that was kept when a contact with the address was erased, or got another one. Consent belongs to the address (contract, section 3).
 */
export function consentObjection(
  known: Consenting,
  scene: ActionScene,
  params: Record<string, unknown> = {},
): Objection | undefined {
  const spared = known.answers?.(params)?.spares;
  return objectionTo(
    known.consent.filter((flag) => flag !== spared),
    scene,
  );
}

/** The objection that doesn't stop an action only because it answers what the contact wrote. */
export function sparedObjection(
  known: Consenting,
  scene: ActionScene,
  params: Record<string, unknown>,
): Objection | undefined {
  const answered = known.answers?.(params);
  return answered && objectionTo([answered.spares], scene);
}

function objectionTo(
  consent: readonly BlockingFlag[],
  { contact, sharing = [], kept_objection = [] }: ActionScene,
): Objection | undefined {
  const own = consent.find((flag) => contact[flag]);
  if (own) return { flag: own, why: `the contact has ${told(own, contact)}` };
  for (const other of sharing) {
    const flag = consent.find((name) => other[name]);
    if (flag) return { flag, why: `contact "${other.id}", which has the same address, has ${told(flag, other)}` };
  }
  const kept = consent.find((flag) => kept_objection.includes(flag));
  return (
    kept && {
      flag: kept,
      why: `the address had ${kept} set before a contact with it was erased, or got another address`,
    }
  );
}
