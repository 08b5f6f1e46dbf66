import type { Agent } from '../agents/agent.ts';
import type { Identity } from '../agents/identity.ts';
import type { Thread, ThreadMessage } from '../agents/thread.ts';
import type { Contact, ContactEvent, Note } from '../contacts/contact.ts';
import type { DecisionEntry } from '../decisions/decision.ts';
import type { ActionChange } from '../runs/action-change.ts';
import type { ContactResult, Lease, Proof, Run, RunStatus } from '../runs/run.ts';
import type { KeptObjection } from './kept-objections.ts';

/** A change of state as the log tells it. Folding all events, in order, gives the state (`fold.ts`). */
export type Event =
  | { type: 'agent_saved'; agent: Agent; via?: Proof }
  | { type: 'agent_deleted'; agent_id: string; run_ids: string[] }
  | { type: 'identity_saved'; identity: Identity; via?: Proof }
  | { type: 'contacts_saved'; contacts: Contact[]; aliases?: [id: string, contactId: string][]; via?: Proof }
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
      /** What the contact's address had objected to, kept so that it holds when the address comes back. */
      objected?: KeptObjection;
    }
  /** A person lifted what addresses of erased contacts had objected to. */
  | { type: 'objections_lifted'; digests: string[]; at: string; via?: Proof }
  /** A process, `holder`, begins to rewrite earlier commits without the deleted contacts. */
  | { type: 'history_claimed'; holder: string }
  /** Earlier commits now name stand-ins. `segments` has the digest of each rewritten segment, by its first commit. */
  | { type: 'history_rewritten'; stand_ins: string[]; segments: [first: number, sha256: string][] }
  | { type: 'note_added'; note: Note }
  | { type: 'run_created'; run: Run; contact_ids?: string[] }
  | {
      type: 'run_started';
      run_id: string;
      agent_id: string;
      /** The process that evaluates the run; absent where an assistant does. */
      holder?: string;
      awaits?: true;
      at: string;
      targets?: string[];
    }
  | ({ type: 'evaluation_leased'; run_id: string; agent_id: string; contact_id: string; at: string } & Lease)
  | {
      type: 'results_recorded';
      run_id: string;
      agent_id: string;
      dry_run: boolean;
      at: string;
      results: ContactResult[];
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
  | { type: 'decisions_recorded'; entries: DecisionEntry[] }
  | { type: 'decisions_redacted'; seqs: number[] }
  /** The messages of one call, and the thread after it. The fold counts `thread.messages` itself. */
  | { type: 'thread_talked'; thread: Thread; messages: ThreadMessage[] }
  | {
      type: 'thread_ended';
      thread_id: string;
      outcome: 'completed' | 'abandoned';
      task_completed?: boolean;
      at: string;
    }
  | { type: 'key_used'; key: string; tool: string; digest: string; id: string; at: string };
