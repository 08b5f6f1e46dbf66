import type { Deps } from '../../domain/base/deps.ts';
import { type DeskPlace, deskLink, OPEN_DESK } from '../../domain/base/desk.ts';
import type { Proof } from '../../domain/runs/run.ts';

/** What the ways to give a proof depend on: the environment, where the desk is, and what the person types into a terminal. */
export type ProofTerms = Pick<Deps, 'env' | 'reviewCommand' | 'resumeCommand' | 'deskWay'>;
type Commands = Omit<ProofTerms, 'env'>;
/**
 * What the person decides on: at which row of the desk, and by which command: `review` what waits, `resume` for the brake.
 * What needs to be `signed` no command decides: a passkey is used at the desk.
 */
type DecidedAt = { at?: DeskPlace | undefined; command?: 'review' | 'resume'; needed?: Proof };
/** Whom the words are for: the person, or a model that tells them. */
type Whose = 'your' | 'their';

function deskOf({ deskWay }: Commands, at: DeskPlace | undefined): string | undefined {
  return deskWay === undefined || deskWay === OPEN_DESK ? deskWay : deskLink(deskWay, { at });
}

function commandOf(
  { reviewCommand, resumeCommand }: Commands,
  { command = 'review', needed }: DecidedAt,
): string | undefined {
  return needed === 'signed' ? undefined : { review: reviewCommand, resume: resumeCommand }[command];
}

/**
 * The ways in which a person can decide whatever proof is needed: each is a tool, a link or a whole command, the nearest
 * first, which is the desk. Empty where the process knows of none.
 */
export function waysOf(terms: Commands, decided: DecidedAt = {}): string[] {
  return [deskOf(terms, decided.at), commandOf(terms, decided)].filter((way) => way !== undefined);
}

/** One way in words that go on from "you decide it yourself: ", or with `their` from a sentence about the person. */
function inWords(way: string, whose: Whose): string {
  if (way === OPEN_DESK) return `open the desk, a page in ${whose} browser (the tool open_desk opens it)`;
  return /^https?:/.test(way) ? `open the desk at ${way}` : `run \`${way}\` in a terminal of ${whose} own`;
}

/** The ways in words; with `elicited`, a form does as well. */
export function waysInWords(
  terms: Commands,
  needed: Proof,
  { whose = 'your', ...decided }: Omit<DecidedAt, 'needed'> & { whose?: Whose } = {},
): string {
  const form =
    needed === 'elicited'
      ? [`use a program that shows ${whose === 'your' ? 'you' : 'them'} the forms of Countersign`]
      : [];
  const found = [...waysOf(terms, { ...decided, needed }).map((way) => inWords(way, whose)), ...form];
  const all = found.join(', or ');
  if (needed === 'signed')
    return `sign it with ${whose} passkey: ${all || `run \`countersign open\` in a terminal of ${whose} own`}`;
  const { command = 'review' } = decided;
  return all || `install Countersign outside of this program, and run its \`countersign ${command}\` in a terminal`;
}

/** What goes on a sentence about a form: how else the person can decide. Empty where no other way is known. */
export function orElsewhere(ways: readonly string[]): string {
  return ways.map((way) => `, or ${inWords(way, 'their')}`).join('');
}
