import type { Author } from '../../domain/base/author.ts';
import { digest } from '../../domain/base/digest.ts';
import { AppError, conflict } from '../../domain/base/errors.ts';
import { isObject } from '../../domain/base/json.ts';
import { isTooLong, LONGEST_FORM, onOneLine } from '../../domain/text/form-lines.ts';
import type { House } from '../../engine/base/house.ts';
import { type ProofLevel, trustsClient } from '../../engine/gate/proof.ts';
import { orElsewhere, waysInWords } from '../../engine/gate/ways.ts';
import type { Question } from '../../engine/review/questions.ts';

/** The values of a form's one field. The first, on which a client's cursor may stand, decides nothing. */
export const CHOICES = ['leave it waiting', 'approve', 'reject'] as const;

/**
 * What our own signed `requestState` says: the id of the form, and a digest of what the form showed. `progress` is the
 * id under which a call with several forms keeps what came of the earlier ones.
 */
export type FormState = { form: string; shown: string; progress?: string };
/** The answer to a form: our own state, and what the client says of the person's answer, unchecked. */
export type FormAnswer = { state: FormState; response: unknown };

/** Whether the client can show a form, which tool was called with what, and the form's answer once there is one. */
export type Asking = { canAsk: boolean; tool: string; args: unknown; answer?: FormAnswer };

/** The parts of a call that asking the person needs. */
export type Asker = { house: House; by: Author; asking: Asking; signal: AbortSignal };

/** For calls that no person can be asked about. */
export const NOBODY: Asking = { canAsk: false, tool: '', args: {} };

/** How much of words typed into a form is told to the model. */
const LONGEST_SAID = 500;

/** Thrown to have the client show a form; the tool runs again with the answer. */
export class FormNeeded extends Error {
  readonly text: string;
  readonly state: FormState;
  constructor({ message, text }: Question, state: FormState) {
    super(message);
    this.name = 'FormNeeded';
    this.text = text;
    this.state = state;
  }
}

/** A person's decision, and how it is known to be a person's. */
export type Verdict = { via: ProofLevel; decision: 'approve' | 'reject' };

/**
 * Whether this call has the person asked by a form. Where the person trusts the client, only what needs more than a
 * plain call is asked.
 */
export function asksByForm({ house, asking }: Pick<Asker, 'house' | 'asking'>, needed: ProofLevel = 'client'): boolean {
  return asking.canAsk && (needed !== 'client' || !trustsClient(house.deps.env));
}

/** Follows what came of a form, in the first sentence of its refusal. */
export const UNDECIDED = ', so nothing was decided';

function undecided({ ways }: Question, why: string, more = ''): AppError {
  return new AppError(
    'FORBIDDEN',
    `${why}${UNDECIDED} and nothing was changed; what waits goes on waiting. ${more}The person can answer the form with approve or reject when it is shown again${orElsewhere(ways)}.`,
    { needed: 'elicited', given: 'none', ways },
  );
}

/** Clients cancel, decline or send back forms by themselves: the model must not take that for the person's word. */
export const MAYBE_UNSEEN =
  'The client may have answered by itself, without showing the form: ask the person whether they saw it. ';

/** What came instead of an answer. Some clients let the person type words of their own: the model is to hear them. */
function saidInstead(decision: unknown): string {
  const said = typeof decision === 'string' ? onOneLine(decision).slice(0, LONGEST_SAID) : '';
  return said === '' ? 'neither approve nor reject' : `${JSON.stringify(said)}, which is neither approve nor reject`;
}

function verdictOf(question: Question, response: unknown): Verdict {
  const { action, content, problem }: Record<string, unknown> = isObject(response) ? response : {};
  if (action !== 'accept') {
    const how = action === 'decline' ? 'declined' : 'not answered';
    throw undecided(question, `The form was ${how}${typeof problem === 'string' ? ` (${problem})` : ''}`, MAYBE_UNSEEN);
  }
  const { decision }: Record<string, unknown> = isObject(content) ? content : {};
  if (decision === CHOICES[0]) throw undecided(question, 'The person left it waiting');
  if (decision !== 'approve' && decision !== 'reject')
    throw undecided(question, `The form came back with ${saidInstead(decision)}`, MAYBE_UNSEEN);
  return { via: 'elicited', decision };
}

/** Refuses to draw a form that clients would cut: FORBIDDEN, with the terminal as the way. */
function demandDrawable({ text, ways }: Question, house: House): void {
  if (!isTooLong(text)) return;
  throw new AppError(
    'FORBIDDEN',
    `This is too long for a form (${text.length} characters, at most ${LONGEST_FORM}), and nobody should decide on what is cut off, so you decide where all of it is shown: ${waysInWords(house.deps, 'human')}. Nothing was decided, and what waits still waits. This is for the person to do, so tell them.`,
    { needed: 'human', given: 'none', ways, characters: text.length },
  );
}

/**
 * Asks the person by a form, where the client can show one, and gives the decision with its proof. Elsewhere the plain
 * call is the decision, with the proof `client`. An answer counts once, in any process, for this caller, and only for
 * what was shown.
 *
 * @throws FormNeeded where the client has to show the form first; AppError FORBIDDEN where the form can't be drawn, or
 *   the answer decides nothing or was used before, CONFLICT where what the form showed has changed since
 */
export async function prove(asker: Asker, question: Question, progress?: string): Promise<Verdict> {
  if (!asksByForm(asker, question.needed)) return { via: 'client', decision: 'approve' };
  return askPerson(asker, question, progress);
}

/** Asks the person by a form, even where a plain call would do. The caller knows that the client can show one. */
export async function askPerson(asker: Asker, question: Question, progress?: string): Promise<Verdict> {
  const { house, by, asking, signal } = asker;
  demandDrawable(question, house);
  const { message, text, binding } = question;
  const shown = digest([asking.tool, asking.args, by, binding, message, text]);
  if (!asking.answer) {
    const form = house.deps.newId('form');
    await house.store.keep(form, shown);
    throw new FormNeeded(question, { form, shown, ...(progress === undefined ? {} : { progress }) });
  }
  const { state, response } = asking.answer;
  const kept = await house.store.take(state.form);
  if (kept === undefined)
    throw new AppError(
      'FORBIDDEN',
      'This form was answered already, or is too old. Nothing was changed. Call again for a new form.',
      { form: 'used' },
    );
  if (kept !== shown || state.shown !== shown) {
    throw conflict(
      'What the form showed has changed since, so the answer was not taken. Call again for a form that shows it as it is now.',
      { form: 'outdated' },
    );
  }
  if (signal.aborted) throw undecided(question, 'The call was cancelled before the answer came', MAYBE_UNSEEN);
  return verdictOf(question, response);
}
