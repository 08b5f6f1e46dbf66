import type { Author } from '../domain/base/author.ts';
import type { DecisionEntry } from '../domain/decisions/decision.ts';
import type { DecisionTrail } from '../domain/state/decision-trail.ts';
import type { Event } from '../domain/state/events.ts';
import type { View } from '../domain/state/state.ts';

/** What a decision amounts to: the events to write (none: nothing is written) and what to tell the caller. */
export type Decision<T> = { events: Event[]; value: T };

/** What an integrity check found; `faults` keep the store from opening or from being whole. */
export type StoreReport = { home: string; commits: number; faults: string[]; warnings: string[] };

/** What verifying the decision log found; `trail` has been through all of it. */
export type DecisionAudit = {
  home: string;
  isMade: boolean;
  commits: number;
  faults: string[];
  warnings: string[];
  trail: DecisionTrail;
  /** Every entry, oldest first, read anew. */
  entries: () => Iterable<DecisionEntry>;
};

/**
 * Where state lives. A change is a decision over the newest state, written as one commit or not at all: when another
 * process was faster, the decision is taken again over what that one left. Throws AppError STORE_ERROR where the store
 * can't be read or written.
 */
export type Store = {
  /** This process, as holder of what it works on. */
  readonly holder: string;
  /** The folder of files that aren't state: the outbox. */
  readonly home: string;
  /** Looks at the newest state, other processes' commits included. */
  read: <T>(look: (view: View) => T) => Promise<T>;
  /** Acknowledged only once it is on disk. */
  commit: <T>(author: Author, decide: (view: View) => Decision<T>) => Promise<T>;
  /** Says that this process lives and works; without it for 15 s, others take over what it holds. */
  renew: () => void;
  isAlive: (holder: string) => boolean;
  /** Keeps a small value that isn't state, for any process to find; it goes after a day. */
  keep: (token: string, value: string) => void;
  recall: (token: string) => string | undefined;
  /** Gives a kept value to the first who asks, in any process, and to nobody after. */
  take: (token: string) => string | undefined;
  /** 32 random bytes, the same for every process of this home: what it signs with. */
  secret: () => Buffer;
  /**
   * Makes what was written before forget the contacts that were deleted (`contact_deleted` with a stand-in), unless a
   * process that lives is at it. Can be called again at any time. True once nothing is left to forget.
   */
  forget: (author: Author) => Promise<boolean>;
  check: () => StoreReport;
  /** Changes nothing, not even to make a home. */
  audit: () => DecisionAudit;
  close: () => Promise<void>;
};
