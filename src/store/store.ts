import type { Author } from '../domain/base/author.ts';
import type { Contact } from '../domain/contacts/contact.ts';
import type { DecisionEntry } from '../domain/decisions/decision.ts';
import type { RecipientOf } from '../domain/state/decision-recount.ts';
import type { DecisionTrail } from '../domain/state/decision-trail.ts';
import type { Event } from '../domain/state/events.ts';
import type { Page, Rows } from '../domain/state/queries.ts';
import type { View } from '../domain/state/view.ts';

/** The result of a decision: the events to write (none: nothing is written), and a value for the caller. */
export type Decision<T> = { events: Event[]; value: T };

/** What an integrity check found. `faults` make a store unusable, wholly or in part. `warnings` leave it usable. */
export type StoreReport = { commits: number; faults: string[]; warnings: string[] };

/** What an audit of the decision log found. `trail` has taken in every entry. */
export type DecisionAudit = {
  /** Whether the home exists. */
  isMade: boolean;
  /** The number of the newest commit. */
  commits: number;
  faults: string[];
  warnings: string[];
  trail: DecisionTrail;
  /** The head over the whole log, which moves with every commit; undefined before the first. */
  head: string | undefined;
  /** How many lines erasures have rewritten, and how many of them the first edition: it named no lines. */
  rewritten: { lines: number; before: number };
  /** Reads the entries again from the log, oldest first. */
  entries: () => AsyncIterable<DecisionEntry>;
};

/** What an audit is asked beside. */
export type AuditTerms = {
  /** A head that an earlier audit printed. The log must still hold what it stood for, else that is a fault. */
  expectHead?: string | undefined;
  /** Tells where an action goes. Without it, recipients are only held against what the entries say. */
  recipientOf?: RecipientOf;
};

/** Selects contacts: `filter` in MongoDB's query syntax, `query` as a part of id, email, name or company. */
export type ContactQuery = {
  filter?: Record<string, unknown> | undefined;
  query?: string | undefined;
  /** Without it, the newest contacts come first. */
  oldestFirst?: boolean;
};

/** Selects the contacts that an agent's filter finds, at most `limit` of them. */
export type TargetQuery = { agent_id: string; filter: Record<string, unknown>; limit: number };
/** The contacts that a target query found. */
export type Targets = {
  /** Contacts that the agent never evaluated come first, then those that it evaluated longest ago. */
  ids: string[];
  /** How many contacts the filter finds in all. */
  matched: number;
};

/**
 * Where state lives. A change is a decision over the newest state. It is written as one commit, or not at all. When
 * another process commits first, the store runs the decision again over the newer state. Throws AppError STORE_ERROR
 * where the store can't be read or written.
 *
 * Looks and decisions are pure: a store may run them several times, and only the last run counts.
 */
export type Store = {
  /** The name under which this process holds the work that it has begun. */
  readonly holder: string;
  /** Runs a look over the newest state, which includes the commits of other processes. */
  read: <T>(look: (view: View) => T) => Promise<T>;
  /** Runs a decision and writes its events. Resolves once they are on disk. */
  commit: <T>(author: Author, decide: (view: View) => Decision<T>) => Promise<T>;
  /** Searches through all contacts. An invalid filter throws AppError VALIDATION_ERROR. */
  find: {
    /** Newest first, unless the query says otherwise. */
    contacts: (query: ContactQuery, page: Page) => Promise<Rows<Contact>>;
    targets: (query: TargetQuery) => Promise<Targets>;
  };
  /**
   * Yields the number of the newest commit whenever it isn't the one yielded last (at first: `since`). Ends when
   * `signal` aborts.
   */
  changes: (since: number, signal: AbortSignal) => AsyncIterable<number>;
  /**
   * Renews the lease by which other processes know that this one lives. After 15 s without renewal they take over its
   * work. Never throws.
   */
  renew: () => Promise<void>;
  /**
   * Keeps a small value that isn't part of state, for one day. Every process of the home finds it by its token: small
   * letters, `_`, and 10 to 40 small letters or digits.
   */
  keep: (token: string, value: string) => Promise<void>;
  /** The value kept under a token; undefined where there is none. */
  recall: (token: string) => Promise<string | undefined>;
  /** Gives a kept value and removes it, so that only the first caller in any process gets it. */
  take: (token: string) => Promise<string | undefined>;
  /** 32 random bytes to sign with, the same for every process of the home. */
  secret: () => Promise<Buffer>;
  /**
   * Erases deleted contacts from everything that was written before their deletion (the event `contact_deleted` with a
   * `stand_in`). Resolves to true once nothing is left to erase, to false while another living process is erasing. It
   * may be called again at any time.
   */
  forget: (author: Author) => Promise<boolean>;
  /** Reads everything, and reports what is wrong. */
  check: () => Promise<StoreReport>;
  /** Verifies the log and the decisions in it. It changes nothing, and creates no home where there is none. */
  audit: (terms?: AuditTerms) => Promise<DecisionAudit>;
  close: () => Promise<void>;
};
