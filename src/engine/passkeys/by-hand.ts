import { ALL } from '../../domain/state/queries.ts';
import type { View } from '../../domain/state/view.ts';
import type { Moment } from '../base/moment.ts';

/**
 * Why a passkey is removed with a signature alone; undefined where a person's word is enough. Where something has to be
 * signed, whoever may take passkeys away and add one of their own would sign in a person's place.
 */
export function whySignedRemoval(view: View, { env }: Pick<Moment, 'env'>): string | undefined {
  if (view.passkeys().signing !== undefined) return 'whatever leaves the machine has to be signed';
  if (env.COUNTERSIGN_MIN_PROOF === 'signed') return 'your settings ask for signatures';
  const agent = view.find.agents({ status: 'any' }, ALL).rows.find(({ approval }) => approval.min_proof === 'signed');
  return agent && `what agent "${agent.name}" proposes has to be signed`;
}
