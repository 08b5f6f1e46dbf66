import { z } from 'zod';
import { AppError } from '../../domain/base/errors.ts';
import type { SignedProof } from '../../domain/decisions/signed-proof.ts';
import type { House } from '../../engine/base/house.ts';
import { signersOf } from '../../engine/passkeys/enrol.ts';
import { flawOfProof } from '../../engine/passkeys/sign.ts';
import { challengeIn, type PasskeySite, readAssertion } from '../../passkeys/webauthn.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import type { DeskAsked } from '../entry/desk-route.ts';

/** What a browser gives for a signature (AuthenticationResponseJSON): it is read by `src/passkeys`. */
export const assertionBody = z.looseObject({});

/** How a decision of the page is proven: by the page itself, or by a signature with a passkey. */
export type PageProof = { via: 'human' } | { via: 'signed'; proof: SignedProof };

/** What has to have been signed: this decision, on exactly these digests in this order. */
export type ToBeSigned = { decision: string; digests: readonly string[] };

/** Whoever looks at the page, and the home as they see it. */
export type PageLooker = Pick<DeskAsked<unknown, unknown>, 'house' | 'by' | 'session'>;

/** The site that passkeys are made for and used on: that of the link that people use. */
export function passkeySite(link: string): PasskeySite {
  const { origin, hostname } = new URL(link);
  return { origin, rpId: hostname };
}

function uncounted(why: string): AppError {
  return new AppError(
    'FORBIDDEN',
    `This signature doesn't count: ${why}. Nothing was decided, and what waits still waits.`,
    { needed: 'signed', given: 'none' },
  );
}

function isSame(one: ToBeSigned, other: ToBeSigned): boolean {
  const { digests } = one;
  return (
    one.decision === other.decision &&
    digests.length === other.digests.length &&
    digests.every((digest, place) => digest === other.digests[place])
  );
}

/**
 * The proof of a decision. With an assertion it must be the answer to a prompt that this page asked for, about exactly this
 * decision, made on this server's own page, by a passkey of whoever decides: else FORBIDDEN. It never counts as a click.
 */
export async function pageProof(
  { prompts, link }: Pick<DeskParts, 'prompts' | 'link'>,
  { house, by, session }: PageLooker,
  assertion: unknown,
  signing: ToBeSigned,
): Promise<PageProof> {
  if (assertion === undefined) return { via: 'human' };
  const statement = prompts.take(challengeIn(assertion) ?? '', session);
  if (!statement)
    throw uncounted('it answers nothing that this page asked, was used before, or took longer than 10 minutes');
  if (!isSame(statement, signing)) throw uncounted('something else was signed than is to be decided');
  const passkeys = await house.read((view) => signersOf(view, by));
  const proof = await readAssertion(assertion, statement, { ...passkeySite(link()), passkeys });
  const flaw = await house.read((view) => flawOfProof(view, by, proof));
  if (flaw !== undefined) throw uncounted(flaw);
  return { via: 'signed', proof };
}

/**
 * Refuses by a click what lets more leave the machine, while whatever leaves it has to be signed: a program that drives the
 * browser clicks, too. FORBIDDEN, with what the person does.
 */
export async function demandMoreThanClick(
  house: House,
  { via }: Pick<PageProof, 'via'>,
  instead: string,
): Promise<void> {
  if (via === 'signed' || !(await house.read((view) => view.passkeys().signing))) return;
  throw new AppError(
    'FORBIDDEN',
    `Whatever leaves the machine has to be signed, so a click doesn't do this: ${instead}. Nothing was changed.`,
    { needed: 'signed', given: 'human' },
  );
}
