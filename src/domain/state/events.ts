import type { Agent } from '../agents/agent.ts';
import type { Identity } from '../agents/identity.ts';
import type { Thread, ThreadMessage } from '../agents/thread.ts';
import type { Contact, ContactEvent, Note } from '../contacts/contact.ts';
import type { DecisionEntry } from '../decisions/decision.ts';
import type { ActionChange } from '../runs/action-change.ts';
import type { ContactResult, Lease, Proof, Run, RunStatus } from '../runs/run.ts';

/** What can happen. State is the fold of these, in order (`fold.ts`). */
export type Event =
  | { type: 'agent_saved'; agent: Agent; via?: Proof }
  | { type: 'agent_deleted'; agent_id: string; run_ids: string[] }
  | { type: 'identity_saved'; identity: Identity; via?: Proof }
  | { type: 'contacts_saved'; contacts: Contact[]; aliases?: [id: string, contactId: string][] }
  | { type: 'events_recorded'; events: ContactEvent[] }
  | {
      type: 'contact_deleted';
      contact_id: string;
      /** Runs that targeted the contact, and their agents. */
      run_ids: string[];
      agent_ids?: string[];
      /** Conversations about the contact. */
      thread_ids?: string[];
      /** Whom earlier commits will tell of instead; absent where a version made the commit that let them be. */
      stand_in?: string;
    }
  /** A process begins to rewrite earlier commits without those who were deleted. */
  | { type: 'history_claimed'; holder: string }
  /** Earlier commits are rewritten, for good: the segments that are as they are now because of that, by first commit. */
  | { type: 'history_rewritten'; stand_ins: string[]; segments: [first: number, sha256: string][] }
  | { type: 'note_added'; note: Note }
  | { type: 'run_created'; run: Run; contact_ids?: string[] }
  | {
      type: 'run_started';
      run_id: string;
      agent_id: string;
      /** The process that evaluates; absent where an assistant does. */
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
      /** A tick of an agent's schedule, and with it every earlier one, is accounted for: by a run, or skipped. */
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
  /** What was said in one call, and the thread as it then is; `messages` of it counts up by itself. */
  | { type: 'thread_talked'; thread: Thread; messages: ThreadMessage[] }
  | {
      type: 'thread_ended';
      thread_id: string;
      outcome: 'completed' | 'abandoned';
      task_completed?: boolean;
      at: string;
    }
  | { type: 'key_used'; key: string; tool: string; digest: string; id: string; at: string };
