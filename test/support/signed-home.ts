import { AppError } from '../../src/domain/base/errors.ts';
import type { SignedProof } from '../../src/domain/decisions/signed-proof.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { MAYA, SigningHome } from './signing.ts';

export const STRICT = { approval: { min_proof: 'signed' as const } };

export function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing was refused',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  );
}

/** A home with a passkey of Maya's, and the email that waits for one contact by an agent that demands a signature. */
export async function aSignedEmail() {
  const home = new SigningHome();
  await home.contacts(1);
  const soft = await home.enrol();
  const [ref] = await home.proposed(STRICT);
  if (!ref) throw new Error('nothing waits');
  const expected_digest = await home.digest(ref);
  const approving = (proof: SignedProof, by = MAYA) =>
    approve(home.house, by, { ...ref, expected_digest, via: 'signed', proof }, 20);
  return { home, soft, ref, expected_digest, approving };
}
