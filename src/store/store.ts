import type { Token } from '../domain/access/token.ts';
import type { Author } from '../domain/base/author.ts';
import type { Outbox } from '../domain/base/deps.ts';
import { AppError } from '../domain/base/errors.ts';
import type { Activity, Contact } from '../domain/contacts/contact.ts';
import type { DecisionEntry } from '../domain/decisions/decision.ts';
import type { SignedTrail } from '../domain/signed/signed-trail.ts';
import type { RecipientOf } from '../domain/state/decision-recount.ts';
import type { DecisionTrail } from '../domain/state/decision-trail.ts';
import type { Event } from '../domain/state/events.ts';
import type { Page, Rows } from '../domain/state/queries.ts';
import type { LedgerEntry } from '../domain/state/state.ts';
import type { View } from '../domain/state/view.ts';

/** The result of a decision: the events to write (none: nothing is written), and a value for the caller. */
export type Decision<T> = { events: Event[]; value: T };

/** What an integrity check found: `bytes` of log with so many commits. `faults` make a store unusable, wholly or in part. `warnings` leave it usable. */
export type StoreReport = { commits: number; bytes: number; faults: string[]; warnings: string[] };

/** What an audit of the decision log found. `trail` has taken in every entry. */
export type DecisionAudit = {
  /** Whether the home exists. */
  isMade: boolean;
  /** The number of the newest commit. */
  commits: number;
  faults: string[];
  warnings: string[];
  trail: DecisionTrail;
  /** The signatures by passkeys, each verified again. */
  signatures: SignedTrail;
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

/** How a contact is named: by its id or another one that an import used, or by an address that it has or had. */
export type NamedBy = 'id' | 'address';
/** Whom a look is going to be about: the contact with the id, or those with the address where there is none. */
export type Whom = { id: string | undefined; address: string | undefined };

/** Names a contact as of a commit: by the commit's number, and by the contact's id or another one that an import used. */
export type PastContact = { commit: number; contact_id: string };
/** A contact with its events, its notes and its actions, as a look at a commit saw them. */
export type AsItWas = { contact: Contact; activity: Activity; ledger: readonly LedgerEntry[] };

/**
 * A commit that was the newest one when a process of this home saw it: its number, its digest, and the ids of the restorations
 * that its state knew of (`Brake.restored`).
 */
export type SeenHead = { n: number; sha: string; restored: readonly string[] };
/** The state is older than what processes have seen, as after a database was restored from a backup: what it lacks. */
export type StepBack = { lost: readonly SeenHead[] };

/** Nothing is written, because the state turned out to be older than what this process has seen. */
export class SteppedBack extends AppError {
  constructor({ lost }: StepBack) {
    const n = Math.max(...lost.map((head) => head.n));
    super(
      'STORE_ERROR',
      `The database was restored from an older state: it lacks commit ${n} as a process here has seen it. Nothing was changed. Run countersign doctor --restored: it puts the brake on, and hands everything that is open to a person.`,
    );
  }
}

/**
 * Where every machine of a home has the files that actions leave. `write` gives a place that isn't on this machine alone;
 * `removeMarked` removes the files with a mark in their names; `kept` tells which of some names there still are.
 */
export type SharedOutbox = Pick<Outbox, 'write' | 'read' | 'newest'> & {
  removeMarked: (mark: string) => Promise<void>;
  kept: (names: readonly string[]) => Promise<ReadonlySet<string>>;
};

/** The tokens by which people reach a home that is served, the oldest first. `write` replaces one of the same id. */
export type SharedTokens = { all: () => Promise<Token[]>; write: (token: Token) => Promise<void> };

/** Calls to runs. They only save time: who isn't called, or can't be, looks for runs by itself. */
export type Calls = {
  /** Calls up to so many processes to a run. Never throws. */
  call: (runId: string, most: number) => void;
  /** Has `wake` called whenever this process is called, until the store is closed. Resolves to false where nobody can call it. */
  listen: (wake: () => void) => Promise<boolean>;
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
  /** How processes call each other to a run that several evaluate; undefined where one process has a run as a whole. */
  readonly calls: Calls | undefined;
  /** Runs a look over the newest state, which includes the commits of other processes. */
  read: <T>(look: (view: View) => T) => Promise<T>;
  /**
   * What is read inside of `work`, in its first quarter of a second, may be as of any moment since it began. So the looks of one
   * call of a caller ask a database once. A commit still decides on the newest state, and so does a look in a call within the call.
   */
  oneCall: <T>(work: () => Promise<T>) => Promise<T>;
  /** Runs a decision and writes its events. Resolves once they are on disk. */
  commit: <T>(author: Author, decide: (view: View) => Decision<T>) => Promise<T>;
  /**
   * What the state lacks of what this process, or one before it on this machine, has seen; undefined where it lacks nothing, as far
   * as the last read or commit could tell. Until `acceptOlder` every commit throws SteppedBack.
   */
  stepBack: () => StepBack | undefined;
  /** As `commit`, for the decision that follows from a step back. Once it is made, the state counts as it is now. */
  acceptOlder: (author: Author, back: StepBack, decide: (view: View) => Decision<unknown>) => Promise<void>;
  /**
   * Resolves once the next process on this machine would notice, should the newest commit that this one knows be lost. What acts on
   * the world waits for it, behind the commit that says so. Throws SteppedBack where that commit is lost already.
   */
  remember: () => Promise<void>;
  /** Searches through all contacts. An invalid filter throws AppError VALIDATION_ERROR. */
  find: {
    /** Newest first, unless the query says otherwise. */
    contacts: (query: ContactQuery, page: Page) => Promise<Rows<Contact>>;
    targets: (query: TargetQuery) => Promise<Targets>;
  };
  /**
   * For each name of a contact, the name of the place where the store keeps it; undefined where there is no such contact. What
   * is kept of the contacts of one place is read and written together: who changes very many goes from place to place. Lets
   * other calls run in between.
   */
  places: (by: NamedBy, names: readonly (string | undefined)[]) => Promise<(string | undefined)[]>;
  /**
   * Reads what a look or a decision is going to need of contacts, `withActivity` also what they did, and lets other calls run
   * in between, while the look itself can't. It changes no answer.
   */
  prepare: (whom: readonly Whom[], withActivity: boolean) => Promise<void>;
  /**
   * Contacts as they were at commits that are over, in the order in which they are wanted: undefined where there was no
   * such contact then, and where it was deleted since. Reads only what the log says of these contacts, and lets other
   * calls run in between. A commit that there isn't throws AppError VALIDATION_ERROR.
   */
  asOf: (wanted: readonly PastContact[]) => Promise<(AsItWas | undefined)[]>;
  /**
   * Yields the number of the newest commit whenever it isn't the one yielded last (at first: `since`). Ends when
   * `signal` aborts.
   */
  changes: (since: number, signal: AbortSignal) => AsyncIterable<number>;
  /**
   * Renews the lease by which other processes know that this one lives. After 15 s without renewal they take over its
   * work. With `isHeavy`, work begins that may keep the loop busy: the lease is then renewed without it, for as long as the
   * work renews it too. A process that hangs for two minutes loses it. Never throws.
   */
  renew: (isHeavy?: boolean) => Promise<void>;
  /** Resolves once the next process needs little time for what was committed. A large import ends with it. */
  settle: () => Promise<void>;
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
  /** The files of the outbox, where the store has them; undefined where they are in the home's folder. */
  readonly outbox: SharedOutbox | undefined;
  /** The tokens of `serve`, where the store has them; undefined where they are in the home's folder. */
  readonly tokens: SharedTokens | undefined;
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
