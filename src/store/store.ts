import type { Author } from '../domain/base/author.ts';
import type { Contact } from '../domain/contacts/contact.ts';
import type { DecisionEntry } from '../domain/decisions/decision.ts';
import type { DecisionTrail } from '../domain/state/decision-trail.ts';
import type { Event } from '../domain/state/events.ts';
import type { Page, Rows } from '../domain/state/queries.ts';
import type { View } from '../domain/state/view.ts';

/** What a decision amounts to: the events to write (none: nothing is written) and what to tell the caller. */
export type Decision<T> = { events: Event[]; value: T };

/** What an integrity check found; `faults` keep the store from opening or from being whole. */
export type StoreReport = { commits: number; faults: string[]; warnings: string[] };

/** What verifying the decision log found; `trail` has been through all of it. */
export type DecisionAudit = {
  isMade: boolean;
  commits: number;
  faults: string[];
  warnings: string[];
  trail: DecisionTrail;
  /** Every entry, oldest first, read anew. */
  entries: () => AsyncIterable<DecisionEntry>;
};

/** Which contacts are wanted: by a filter in MongoDB's syntax, and by a part of id, email, name or company. */
export type ContactQuery = {
  filter?: Record<string, unknown> | undefined;
  query?: string | undefined;
  oldestFirst?: boolean;
};

/** The contacts that an agent's filter finds, at most so many of them. */
export type TargetQuery = { agent_id: string; filter: Record<string, unknown>; limit: number };
export type Targets = {
  /** Never evaluated ones first, then those evaluated longest ago. */
  ids: string[];
  /** How many the filter finds in all. */
  matched: number;
};

/**
 * Where state lives. A change is a decision over the newest state, written as one commit or not at all: when another
 * process was faster, the decision is taken again over what that one left. Throws AppError STORE_ERROR where the store
 * can't be read or written.
 *
 * Looks and decisions are pure: a store may run them as often as it needs to, and only the last run counts.
 */
export type Store = {
  /** This process, as holder of what it works on. */
  readonly holder: string;
  /** Looks at the newest state, other processes' commits included. */
  read: <T>(look: (view: View) => T) => Promise<T>;
  /** Acknowledged only once it is on disk. */
  commit: <T>(author: Author, decide: (view: View) => Decision<T>) => Promise<T>;
  /** What takes a walk through all contacts. A filter that can't be is a VALIDATION_ERROR. */
  find: {
    /** Newest first unless the query says otherwise. */
    contacts: (query: ContactQuery, page: Page) => Promise<Rows<Contact>>;
    targets: (query: TargetQuery) => Promise<Targets>;
  };
  /** The number of the newest commit, each time it has moved on from `since`, until the signal says so. */
  changes: (since: number, signal: AbortSignal) => AsyncIterable<number>;
  /** Says that this process lives and works; without it for 15 s, others take over what it holds. Never throws. */
  renew: () => Promise<void>;
  /**
   * Keeps a small value that isn't state, for any process to find; it goes after a day. A token is a word of small letters,
   * `_`, and 10 to 40 small letters or digits.
   */
  keep: (token: string, value: string) => Promise<void>;
  recall: (token: string) => Promise<string | undefined>;
  /** Gives a kept value to the first who asks, in any process, and to nobody after. */
  take: (token: string) => Promise<string | undefined>;
  /** 32 random bytes, the same for every process of this home: what it signs with. */
  secret: () => Promise<Buffer>;
  /**
   * Makes what was written before forget the contacts that were deleted (`contact_deleted` with a stand-in), unless a
   * process that lives is at it. Can be called again at any time. True once nothing is left to forget.
   */
  forget: (author: Author) => Promise<boolean>;
  check: () => Promise<StoreReport>;
  /** Changes nothing, not even to make a home. */
  audit: () => Promise<DecisionAudit>;
  close: () => Promise<void>;
};
