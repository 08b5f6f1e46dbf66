import { digest } from '../../domain/base/digest.ts';
import { AppError, conflict } from '../../domain/base/errors.ts';
import { isObject } from '../../domain/base/json.ts';
import type { House } from '../../engine/base/house.ts';
import { type ProofLevel, trustsClient } from '../../engine/gate/proof.ts';
import type { Question } from '../../engine/review/questions.ts';

/** What our own signed `requestState` says: the id of the form, and a digest of what the form showed. */
export type FormState = { form: string; shown: string };
/** The answer to a form: our own state, and what the client says of the person's answer, unchecked. */
export type FormAnswer = { state: FormState; response: unknown };

/** Whether the client can show a form, which tool was called with what, and the form's answer once there is one. */
export type Asking = { canAsk: boolean; tool: string; args: unknown; answer?: FormAnswer };

/** The parts of a call that asking the person needs. */
type Asker = { house: House; asking: Asking; signal: AbortSignal };

/** For calls that no person can be asked about. */
export const NOBODY: Asking = { canAsk: false, tool: '', args: {} };

/** Thrown to have the client show a form; the tool runs again with the answer. */
export class FormNeeded extends Error {
  readonly state: FormState;
  constructor(message: string, state: FormState) {
    super(message);
    this.name = 'FormNeeded';
    this.state = state;
  }
}

/** A person's decision, and how it is known to be a person's. */
export type Verdict = { via: ProofLevel; decision: 'approve' | 'reject'; reason?: string };

function undecided(question: Question, why: string): AppError {
  return new AppError(
    'FORBIDDEN',
    `${why}, so nothing was decided and nothing was changed; what waits goes on waiting. The person can answer the form's field decision with approve or reject when the form is shown again, or ${question.ways.join(', or ')}.`,
    { needed: 'elicited', given: 'none', ways: question.ways },
  );
}

function verdictOf(question: Question, response: unknown): Verdict {
  const { action, content, problem }: Record<string, unknown> = isObject(response) ? response : {};
  if (action !== 'accept') {
    const how = action === 'decline' ? 'declined' : 'not answered';
    throw undecided(question, `The form was ${how}${typeof problem === 'string' ? ` (${problem})` : ''}`);
  }
  const { decision, reason }: Record<string, unknown> = isObject(content) ? content : {};
  if (decision !== 'approve' && decision !== 'reject')
    throw undecided(question, 'The form came back without approve or reject in its field decision');
  return {
    via: 'elicited',
    decision,
    ...(typeof reason === 'string' && reason.trim() !== '' ? { reason: reason.trim().slice(0, 2000) } : {}),
  };
}

/**
 * Asks the person by a form, where the client can show one, and gives the decision with its proof. Elsewhere the plain
 * call is the decision, with the proof `client`. An answer counts once, in any process, and only for what was shown.
 *
 * @throws FormNeeded where the client has to show the form first; AppError FORBIDDEN where the answer decides nothing
 *   or was used before, CONFLICT where what the form showed has changed since
 */
export async function prove({ house, asking, signal }: Asker, question: Question): Promise<Verdict> {
  if (!asking.canAsk || trustsClient(house.deps.env)) return { via: 'client', decision: 'approve' };
  const shown = digest([asking.tool, asking.args, question.binding]);
  if (!asking.answer) {
    const form = house.deps.newId('form');
    await house.store.keep(form, shown);
    throw new FormNeeded(question.message, { form, shown });
  }
  const { state, response } = asking.answer;
  const kept = await house.store.take(state.form);
  if (kept === undefined)
    throw new AppError(
      'FORBIDDEN',
      'This form was answered already, or is too old. Nothing was changed. Call again for a new form.',
      {
        form: 'used',
      },
    );
  if (kept !== shown || state.shown !== shown) {
    throw conflict(
      'What the form showed has changed since, so the answer was not taken. Call again for a form that shows it as it is now.',
      {
        form: 'outdated',
      },
    );
  }
  if (signal.aborted) throw undecided(question, 'The call was cancelled before the answer came');
  return verdictOf(question, response);
}
