import type { Deps } from '../../domain/base/deps.ts';
import type { Proof } from '../../domain/runs/run.ts';

/** What the ways to give a proof depend on: the environment, and what the person types into a terminal. */
export type ProofTerms = Pick<Deps, 'env' | 'reviewCommand' | 'resumeCommand'>;
type Commands = Omit<ProofTerms, 'env'>;
/** Where the person decides in a terminal: `review` what waits, `resume` for the brake. */
type Command = 'review' | 'resume';

/**
 * The ways in which a person can decide whatever proof is needed: each is a whole command (or link), the nearest first.
 * The desk comes first here, once there is one. Empty where the process knows of none, as one that a bundle started.
 */
export function waysOf({ reviewCommand, resumeCommand }: Commands, command: Command = 'review'): string[] {
  return [{ review: reviewCommand, resume: resumeCommand }[command]].filter((way) => way !== undefined);
}

/** The ways in words that go on from "you decide it yourself: "; with `elicited`, a form does as well. */
export function waysInWords(terms: Commands, needed: Proof, command: Command = 'review'): string {
  const commands = waysOf(terms, command).map((way) => `run \`${way}\` in a terminal of your own`);
  const form = needed === 'elicited' ? ['use a program that shows you the forms of Countersign'] : [];
  const found = [...commands, ...form];
  if (found.length > 0) return found.join(', or ');
  return `install Countersign outside of this program, and run its \`countersign ${command}\` in a terminal`;
}

/** What goes on a sentence about a form: how else the person can decide. Empty where no other way is known. */
export function orElsewhere(ways: readonly string[]): string {
  return ways.length === 0 ? '' : `, or run \`${ways.join('` or `')}\` in a terminal of their own`;
}
