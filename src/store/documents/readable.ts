import type { Identity } from '../../domain/agents/identity.ts';
import type { Thread, ThreadMessage } from '../../domain/agents/thread.ts';
import type { Activity, Contact } from '../../domain/contacts/contact.ts';
import type { DecisionEntry, DecisionHead } from '../../domain/decisions/decision.ts';
import type { PasskeyBook } from '../../domain/decisions/passkey.ts';
import type { Sent } from '../../domain/mail/pace.ts';
import type { Run } from '../../domain/runs/run.ts';
import type { Spent } from '../../domain/runs/spent.ts';
import type { Brake } from '../../domain/state/fold-brake.ts';
import type { ChangeBook } from '../../domain/state/kept-change.ts';
import type { Page, Rows } from '../../domain/state/queries.ts';
import type {
  AgentBook,
  AgentFile,
  Desk,
  Erasures,
  LedgerEntry,
  Mailbox,
  OpenAction,
  RunResults,
  Schedule,
  UsedKey,
} from '../../domain/state/state.ts';

/** A document that there is one of. */
type Single<S> = { readonly get: () => S };
/** Documents of one kind, each by its id. */
type Many<S> = { readonly get: (id: string) => S };
/** What is asked of a map that may be too large to be held. */
type Lookup<V> = { readonly get: (key: string) => V | undefined };

/** What a view asks of contacts, wherever a store keeps them. */
export type ContactReads = {
  contact: (id: string) => Contact | undefined;
  /** Whether there is such a contact; its own document isn't read for that. */
  has: (id: string) => boolean;
  aliasOf: (id: string) => string | undefined;
  /** The contacts that have an address or had it before, the oldest first. */
  everAt: (email: string) => readonly Contact[];
  activity: (contactId: string) => Activity;
  ledger: (contactId: string) => readonly LedgerEntry[];
  /** A page of all contacts, the newest first. */
  page: (page: Page) => Rows<Contact>;
  /** The ids of the newest contacts, at most so many, or some more. */
  newestIds: (most: number) => readonly string[];
  /** Says what will be read next. */
  want: (activity: readonly string[], ledger: readonly string[]) => void;
};

/** All that a view is made of, for reading only. */
export type Readable = {
  readonly agents: Single<AgentBook>;
  readonly agentFiles: Many<AgentFile>;
  readonly evaluated: Many<Lookup<string>>;
  readonly runs: Single<Map<string, Run>>;
  readonly results: Many<RunResults>;
  readonly desk: Single<Desk>;
  readonly open: Single<Map<string, OpenAction>>;
  readonly schedules: Single<Map<string, Schedule>>;
  readonly brake: Single<Brake>;
  readonly pace: Single<Map<string, Sent>>;
  readonly identities: Single<Map<string, Identity>>;
  readonly mailboxes: Single<Map<string, Mailbox>>;
  readonly senders: Single<Map<string, readonly Identity[]>>;
  readonly spent: Single<Spent>;
  readonly threads: Single<Map<string, Thread>>;
  readonly thread: Many<readonly ThreadMessage[]>;
  readonly keys: Single<Lookup<UsedKey>>;
  readonly changes: Single<ChangeBook>;
  readonly passkeys: Single<PasskeyBook>;
  readonly nonces: Single<{ readonly has: (nonce: string) => boolean }>;
  readonly erasures: Single<Erasures>;
  readonly decisionHead: Single<DecisionHead>;
  readonly decisions: Many<readonly DecisionEntry[]>;
  readonly people: ContactReads;
};
