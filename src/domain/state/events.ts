import type { Agent } from '../agents/agent.ts';
import type { Identity } from '../agents/identity.ts';
import type { Values } from '../agents/mandate.ts';
import type { Thread, ThreadMessage } from '../agents/thread.ts';
import type { Usage } from '../base/usage.ts';
import type { Contact, ContactEvent, Note } from '../contacts/contact.ts';
import type { KeptObjection } from '../contacts/kept-objections.ts';
import type { DecisionEntry } from '../decisions/decision.ts';
import type { Passkey } from '../decisions/passkey.ts';
import type { SignedProof } from '../decisions/signed-proof.ts';
import type { MailboxStand } from '../mail/mailbox.ts';
import type { ActionChange } from '../runs/action-change.ts';
import type { BacktestPlan } from '../runs/replay.ts';
import type { ContactResult, Lease, Proof, Run, RunStatus } from '../runs/run.ts';
import type { EarnedTrust, KeptChange } from './kept-change.ts';

/**
 * A line of the log that an erasure rewrote: its commit's number, its own digest since then, and the stand-ins that it
 * names, none where the first edition rewrote it. Its old digest stands in the line itself.
 */
export type RewrittenLine = [n: number, own: string, stand_ins: string[]];

/** A change of state as the log tells it. Folding all events, in order, gives the state (`fold.ts`). */
export type Event =
  | { type: 'agent_saved'; agent: Agent; via?: Proof }
  /** `via`: the proof with which a person wanted it, where the agent demanded one. */
  | { type: 'agent_deleted'; agent_id: string; run_ids: string[]; via?: Proof }
  | { type: 'identity_saved'; identity: Identity; via?: Proof }
  /** `part`: which part of a large commit it is, counted from 0. The store keeps the contacts of each part together. */
  | {
      type: 'contacts_saved';
      contacts: Contact[];
      aliases?: [id: string, contactId: string][];
      via?: Proof;
      part?: number;
    }
  | { type: 'events_recorded'; events: ContactEvent[] }
  | {
      type: 'contact_deleted';
      contact_id: string;
      /** Runs that targeted the contact, and their agents. */
      run_ids: string[];
      agent_ids?: string[];
      /** Conversations about the contact. */
      thread_ids?: string[];
      /** The id that earlier commits will name instead. Absent in commits of versions that rewrote no commits. */
      stand_in?: string;
      /**
       * Where the store keeps the contact: the commit that first saved it, and which part of that, and the shards that
       * name it. Absent in commits of versions before.
       */
      born?: number;
      part?: number;
      shards?: string[];
      /** What the contact's address had objected to, kept so that it holds when the address comes back. */
      objected?: KeptObjection;
    }
  /** Addresses objected to this, and their contacts have other addresses now. */
  | { type: 'objections_kept'; kept: KeptObjection[] }
  /** A person lifted what had been kept of addresses. */
  | { type: 'objections_lifted'; digests: string[]; at: string; via?: Proof }
  /** A process, `holder`, begins to rewrite earlier commits without the deleted contacts. */
  | { type: 'history_claimed'; holder: string }
  /**
   * Earlier commits now name stand-ins. `lines` are the rewritten ones. The first edition named no lines, but the digest
   * of each rewritten segment of the log, by its first commit.
   */
  | {
      type: 'history_rewritten';
      stand_ins: string[];
      lines?: RewrittenLine[];
      segments?: [first: number, sha256: string][];
    }
  /**
   * The home is of this format from here on. A process of an earlier edition doesn't know the event, and stops at it.
   * `lines` are the ones that erasures of the first edition rewrote.
   */
  | { type: 'home_raised'; format: number; lines: RewrittenLine[] }
  /**
   * What the lines from before the home was raised said, as one digest for each segment of the log: they have no roots,
   * and what erasures leave of them later must still add up to that.
   */
  | { type: 'old_lines_bound'; segments: [first: number, digest: string][] }
  | { type: 'note_added'; note: Note }
  /** `backtest`: what the run replays, where it is one. */
  | { type: 'run_created'; run: Run; contact_ids?: string[]; backtest?: BacktestPlan }
  | {
      type: 'run_started';
      run_id: string;
      agent_id: string;
      /** The process that evaluates the run; absent where an assistant does. */
      holder?: string;
      awaits?: true;
      /** How many processes took the run up in turn, this one included, while no contact got its result; unset for one. */
      takes?: number;
      /** Other processes may join in: each takes contacts of it (`targets_taken`). */
      shared?: true;
      at: string;
      targets?: string[];
    }
  /**
   * A process, `holder`, joins in a shared run, and takes these contacts of it. No other process evaluates them while it
   * lives. `takes`: the processes that took them in turn, this one included, and that hung or died; unset for one.
   * `leaves`: it takes none, gives back all that it has, and is to take no more of this run.
   */
  | {
      type: 'targets_taken';
      run_id: string;
      agent_id: string;
      holder: string;
      takes?: number;
      leaves?: true;
      at: string;
      targets: string[];
    }
  | ({ type: 'evaluation_leased'; run_id: string; agent_id: string; contact_id: string; at: string } & Lease)
  | {
      type: 'results_recorded';
      run_id: string;
      agent_id: string;
      dry_run: boolean;
      at: string;
      results: ContactResult[];
      /** A backtest's: its cost is the run's alone. */
      backtest?: true;
      /** There is one result, and its actions stand in the place of this action of its contact, which was sent back. */
      revises?: number;
    }
  | {
      type: 'run_ended';
      run_id: string;
      agent_id: string;
      status: RunStatus;
      at: string;
      error?: { code: string; message: string };
    }
  | {
      /** A tick of an agent's schedule, and every earlier one, is handled: it started a run, or was skipped. */
      type: 'tick_counted';
      agent_id: string;
      tick: string;
      at: string;
      run_id?: string;
      catch_up?: true;
      skipped?: string;
    }
  | { type: 'actions_changed'; changes: ActionChange[] }
  /** An email of an identity is about to be handed to its mail server; `day` by the identity's clock, as YYYY-MM-DD. */
  | { type: 'send_claimed'; identity_id: string; at: string; day: string }
  | { type: 'decisions_recorded'; entries: DecisionEntry[] }
  | { type: 'decisions_redacted'; seqs: number[] }
  /** The messages of one call, and the thread after it. The fold counts `thread.messages` itself. */
  | { type: 'thread_talked'; thread: Thread; messages: ThreadMessage[]; usage?: Usage }
  /** A model was paid for what came to nothing, such as a chat that failed. */
  | { type: 'model_paid'; agent_id: string; at: string; usage: Usage }
  | {
      type: 'thread_ended';
      thread_id: string;
      outcome: 'completed' | 'abandoned';
      task_completed?: boolean;
      sentiment?: number;
      at: string;
    }
  /**
   * The brake was switched on or off. `restored` is an id of its own where it was put on because the state was found to be older
   * than what processes had seen: everything that was open then was handed to a person in the same commit.
   */
  | { type: 'brake_set'; on: boolean; at: string; by: string; via: Proof; reason?: string; restored?: string }
  /** An identity's mailbox was read up to `stand`, or could not be read because of `problem`. */
  | { type: 'mailbox_read'; identity_id: string; at: string; stand?: MailboxStand; problem?: string }
  | { type: 'key_used'; key: string; tool: string; digest: string; id: string; at: string }
  /** A person lets agents act unasked, each by the mandate that it has. */
  | {
      type: 'mandate_granted';
      /** `earned`: the types that were offered, and the secret by which some of them are still asked. */
      grants: { agent_id: string; digest: string; mandate: Values; earned?: EarnedTrust }[];
      at: string;
      by: string;
      via: Proof;
    }
  /** What was granted to agents, or asked to be granted, holds no longer. */
  | { type: 'grant_ended'; agent_ids: string[] }
  /** A person rejected an action of a type that an agent had earned: that type is asked again. */
  | { type: 'trust_ended'; agent_id: string; action_type: string }
  | { type: 'change_asked'; change: KeptChange }
  /** A change was decided, at the call or later, or can't be made any more. `agents` are the ones that it touches. */
  | {
      type: 'change_closed';
      change_id: string;
      outcome: 'approved' | 'declined' | 'lapsed';
      at: string;
      what: string[];
      agents: { id: string; name: string; version: number }[];
      grants?: true;
      via?: Proof;
      /** What the person was shown, as a digest, where they signed it. */
      binding?: string;
    }
  /** A person's passkey is one by which they sign from now on. */
  | { type: 'passkey_added'; passkey: Passkey; by: string; via: Proof }
  /** `for_another`: the home's owner took it from one of the team, who may add a first one again. */
  | { type: 'passkey_removed'; passkey_id: string; at: string; by: string; via: Proof; for_another?: true }
  /** Whether whatever leaves the machine needs a signature from now on. `person`: the id of who said so. */
  | { type: 'signing_set'; on: boolean; person: string; at: string; by: string; via: Proof }
  /** What this commit does with the proof `signed` was signed by this. */
  | { type: 'signed'; proof: SignedProof; at: string }
  /** An import that a person allowed was made: `source` is what the yes named. */
  | { type: 'permit_used'; source: string };
