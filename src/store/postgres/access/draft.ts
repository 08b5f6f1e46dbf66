import type { Author } from '../../../domain/base/author.ts';
import type { Event } from '../../../domain/state/events.ts';
import type { View } from '../../../domain/state/view.ts';
import type { StepBack } from '../../store.ts';
import type { LogHead } from '../memory/memory.ts';

/** A decision that waits: it gives the events that it comes to, and is told what became of them. */
export type CommitJob = {
  author: Author;
  decide: (view: View) => Event[];
  /** The step back that the decision follows from: nothing else is decided then. */
  follows: StepBack | undefined;
  done: () => void;
  fail: (error: unknown) => void;
};
/** What a decision came to. */
export type JobOutcome = { job: CommitJob; error?: unknown };
/**
 * The lines of a draft, each with its digest, and where the log then ends. `back`: the step back that there was when it was
 * decided. `begun`: which memory it was decided on. `changes`: the rows as `append` takes them; memory may have others by the time they are sent.
 */
export type LinesDraft = {
  added: [sha: string, line: string][];
  head: LogHead;
  decided: JobOutcome[];
  bytes: number;
  from: LogHead;
  back: StepBack | undefined;
  begun: number;
  changes: string;
};
