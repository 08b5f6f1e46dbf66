import { AppError } from '../../domain/base/errors.ts';
import type { KeptCall } from '../../domain/state/kept-change.ts';
import { isTooLong } from '../../domain/text/form-lines.ts';
import { mayAllow } from '../../engine/agents/rights.ts';
import type { House } from '../../engine/base/house.ts';
import { declineNow, putAwayChange } from '../../engine/changes/decide.ts';
import { keepCall, waitsForPerson } from '../../engine/changes/keep.ts';
import { type AskedChange, changeQuestion, houseAsShown } from '../../engine/changes/question.ts';
import { isEnough, type ProofLevel } from '../../engine/gate/proof.ts';
import { type Asker, asksByForm, MAYBE_UNSEEN, prove, UNDECIDED } from './prove.ts';

/** Makes the call, with the proof that a person decided on it; without one, as far as it needs no person. */
type Make<T> = (house: House, via?: ProofLevel) => Promise<T>;

/** Whether an error says that a form brought no decision, so that the call is to wait for one. */
function isUndecided(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'FORBIDDEN' && error.details?.form === undefined;
}

/** A form's refusal as a clause of the refusal of the call. */
function whyOf({ message }: AppError): string {
  const [first = ''] = message.split(UNDECIDED);
  return `${first}. ${message.includes(MAYBE_UNSEEN) ? MAYBE_UNSEEN : ''}`;
}

/** Keeps a call, and refuses it; undefined where it needs no person any more. */
async function keepAndRefuse(asker: Asker, call: KeptCall, { text }: AskedChange, why: string | undefined) {
  const { house, by } = asker;
  const change = await keepCall(house, by, call);
  if (!change) return;
  throw await waitsForPerson(house, change, {
    given: asksByForm(asker, 'elicited') ? 'elicited' : 'client',
    why,
    isTooLong: isTooLong(text),
  });
}

async function madeWith<T>(
  { house, by }: Asker,
  asked: AskedChange,
  call: KeptCall,
  make: (house: House) => Promise<T>,
): Promise<T> {
  const value = await make(await houseAsShown(house, call, asked));
  if (asked.waiting !== undefined) await putAwayChange(house, by, asked.waiting);
  return value;
}

/**
 * Makes a call that may need a person. Where the client can draw a form, and a form is proof enough, the person decides
 * at the call itself. Elsewhere, and where the form brings no decision, the call is kept whole among the changes that wait
 * and refused: FORBIDDEN with `details.change_id`. An agent that only would act unasked is made all the same, without the
 * permission for it. So is it for a token that may write and not approve, whatever its client can draw.
 */
export async function withConsent<T>(asker: Asker, call: KeptCall, make: Make<T>): Promise<T> {
  const { house, by } = asker;
  const asked = await changeQuestion(house, by, call);
  if (!asked) return make(house);
  const { plan, needs } = asked;
  // Who lacks the scope for approving asks for the change, and another decides on it.
  const isAllowed = mayAllow(by);
  if (needs === 'client' && isAllowed) return madeWith(asker, asked, call, (as) => make(as, 'client'));
  const refuse = async (why?: string) => {
    if (!plan.isOptional) await keepAndRefuse(asker, call, asked, why);
    return make(house);
  };
  if (!isAllowed) return refuse('This token lacks the scope agents:approve, so another decides. ');
  if (!asksByForm(asker, needs) || !isEnough('elicited', needs)) return refuse();
  let decision: 'approve' | 'reject';
  try {
    ({ decision } = await prove(asker, asked));
  } catch (error) {
    if (isUndecided(error)) return refuse(whyOf(error));
    throw error;
  }
  if (decision === 'approve') return madeWith(asker, asked, call, (as) => make(as, 'elicited'));
  if (plan.isOptional) return make(house);
  await declineNow(house, by, call, 'elicited');
  throw new AppError('FORBIDDEN', 'The person decided against this change. Nothing was changed, and nothing waits.', {
    what: plan.what,
  });
}
