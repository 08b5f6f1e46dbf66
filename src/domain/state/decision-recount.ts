import type { Agent } from '../agents/agent.ts';
import type { Identity } from '../agents/identity.ts';
import type { PinnedTool } from '../agents/tool.ts';
import { PRODUCT } from '../base/author.ts';
import type { Contact } from '../contacts/contact.ts';
import { bindingOf, paramsDigest } from '../decisions/binding.ts';
import { type DecisionEntry, decisionOf, isRedacted } from '../decisions/decision.ts';
import type { ActionChange } from '../runs/action-change.ts';
import type { Action } from '../runs/run.ts';
import type { Committed, DecidedAction } from './decided.ts';
import { namesOfDeleted } from './erasure.ts';
import type { Event } from './events.ts';
import { refKey } from './state.ts';

type ToolName = Pick<PinnedTool, 'server' | 'name'>;
/** An agent, one contact and the sender, as they were when an action was decided on. */
type Scene = { agent: Agent; contact: Contact; identity: Identity | undefined };
/** Tells where an action goes; undefined where it goes nowhere. */
export type RecipientOf = (type: string, scene: Scene | undefined, tool: ToolName | undefined) => string | undefined;

/** What the recount keeps of an action: digests stand for its params. */
type Known = { type: string; params: string; edited?: string; digest: string; tool?: ToolName };
/** A fault that an erasure under way explains, if the contact is one that it erases. */
type Suspicion = { contact_id: string; fault: string };

/** Fields of an action that only a decision may set. */
const DECIDED = ['type', 'params', 'edited_params', 'decided_by', 'decided_via', 'auto_approved'] as const;

function toolOf({ pinned_tool }: Partial<Action>): { tool?: ToolName } {
  return pinned_tool ? { tool: { server: pinned_tool.server, name: pinned_tool.name } } : {};
}

function knownOf(action: Action): Known {
  const { type, params, edited_params, digest } = action;
  const edited = edited_params ? { edited: paramsDigest(edited_params) } : {};
  return { type, params: paramsDigest(params), ...edited, digest, ...toolOf(action) };
}

/** An action after a change of it, as far as decisions are bound to it. */
function changed(known: Known, set: Partial<Action>): Known {
  return {
    ...known,
    ...(set.params ? { params: paramsDigest(set.params) } : {}),
    ...(set.edited_params ? { edited: paramsDigest(set.edited_params) } : {}),
    ...(set.digest === undefined ? {} : { digest: set.digest }),
    ...toolOf(set),
  };
}

const NOTHING: Known = { type: '', params: paramsDigest({}), digest: '' };

/** Whether two texts name the same recipient. Case and the notation of a URL make no difference. */
function isSameRecipient(one: string | undefined, other: string | undefined): boolean {
  if (one === other || one === undefined || other === undefined) return one === other;
  const plain = (text: string) => {
    const folded = text.normalize('NFC').trim().toLowerCase();
    return URL.canParse(folded) ? new URL(folded).href : folded;
  };
  return plain(one) === plain(other);
}

/**
 * Recomputes what each entry of the decision log binds, from what the log's other events say of the action, its contact
 * and its agent. It takes all commits, from the first. Of the contacts it keeps only those in `about`, the ones that
 * entries name.
 */
export class DecisionRecount {
  readonly faults: string[] = [];
  /** How many entries about actions were recomputed, are erased, and bind nothing because they are of before. */
  readonly counts = { recomputed: 0, erased: 0, before: 0 };
  private readonly about: ReadonlySet<string>;
  private readonly recipientOf: RecipientOf | undefined;
  private readonly contacts = new Map<string, Contact>();
  private readonly agents = new Map<string, Agent>();
  private readonly identities = new Map<string, Identity>();
  private readonly actions = new Map<string, Known>();
  private readonly suspicions: Suspicion[] = [];
  /** The contact that a redacted entry's decision names, by the entry's number. */
  private readonly nameless = new Map<number, string>();
  private readonly deleted = new Set<string>();
  private isBinding = false;

  constructor(about: ReadonlySet<string>, recipientOf: RecipientOf | undefined) {
    this.about = about;
    this.recipientOf = recipientOf;
  }

  /** Takes the next commit. `pairs` are its decisions, each with its entry; they are about the state before it. */
  take(commit: Committed, pairs: readonly (readonly [DecidedAction, DecisionEntry])[], where: string): void {
    for (const [decided, entry] of pairs) this.check(decided, entry, where);
    for (const event of commit.events) {
      if (event.type === 'actions_changed')
        for (const change of event.changes) this.demandDecision(change, commit, where);
      this.fold(event);
    }
  }

  /** Checks what can be known only after the last commit. `erasing`: the contacts that an erasure still has to erase. */
  end(erasing: ReadonlySet<string>): void {
    for (const { contact_id, fault } of this.suspicions) if (!erasing.has(contact_id)) this.faults.push(fault);
    for (const [seq, contactId] of this.nameless)
      if (!this.deleted.has(contactId))
        this.faults.push(`entry ${seq} is redacted, but its decision is about "${contactId}", who wasn't deleted`);
  }

  private check({ ref, agent_id, via, set, action }: DecidedAction, entry: DecisionEntry, where: string): void {
    const { seq, personal, binds } = entry;
    if (isRedacted(entry)) this.nameless.set(seq, ref.contact_id);
    if (binds === undefined) {
      this.counts.before += 1;
      if (this.isBinding) this.faults.push(`${where}: entry ${seq} binds nothing, although entries before it do`);
      return;
    }
    this.isBinding = true;
    if (!personal) {
      this.counts.erased += 1;
      // An erasure keeps the proof. That an action was replaced, which is nobody's decision, goes with the contact.
      if (entry.via !== 'policy' && via !== entry.via)
        this.faults.push(`${where}: the proof of the decision differs from the one that entry ${seq} tells`);
      return;
    }
    this.counts.recomputed += 1;
    const suspect = (what: string) =>
      this.suspicions.push({ contact_id: personal.contact_id, fault: `${where}: ${what} entry ${seq} binds` });
    if (personal.contact_id !== ref.contact_id) suspect('the contact decided about differs from the one that');
    const known = action ? knownOf(action) : changed(this.actions.get(refKey(ref)) ?? NOTHING, set);
    const params = known.edited ?? known.params;
    const { recipient } = personal;
    if (via !== entry.via || bindingOf(personal.salt, { params, recipient, decided_via: via }) !== binds)
      suspect('the params, the recipient or the proof of the decision differ from what');
    if (known.digest !== entry.digest) suspect("the action's digest differs from the one that");
    const recipientNow = this.recipientNow(agent_id, ref.contact_id, known);
    if (this.recipientOf && !isSameRecipient(recipientNow, recipient))
      suspect('the contact or the agent had another recipient than the one that');
  }

  private recipientNow(agentId: string, contactId: string, { type, tool }: Known): string | undefined {
    const agent = this.agents.get(agentId);
    const contact = this.contacts.get(contactId);
    const identity = agent?.identity_id ? this.identities.get(agent.identity_id) : undefined;
    return this.recipientOf?.(type, agent && contact && { agent, contact, identity }, tool);
  }

  /** Faults a change that sets what was decided, without being a decision. */
  private demandDecision(change: ActionChange, { by }: Committed, where: string): void {
    if (decisionOf(change, by !== PRODUCT) !== undefined) return;
    const field = DECIDED.find((name) => change.set[name] !== undefined);
    if (field) this.faults.push(`${where} sets ${field} of ${refKey(change)} without a decision`);
  }

  private fold(event: Event): void {
    switch (event.type) {
      case 'agent_saved':
        this.agents.set(event.agent.id, event.agent);
        return;
      case 'agent_deleted':
        this.agents.delete(event.agent_id);
        return;
      case 'identity_saved':
        this.identities.set(event.identity.id, event.identity);
        return;
      case 'contacts_saved':
        for (const contact of event.contacts) if (this.about.has(contact.id)) this.contacts.set(contact.id, contact);
        return;
      case 'contact_deleted':
        for (const name of namesOfDeleted(event)) this.deleted.add(name);
        this.contacts.delete(event.contact_id);
        return;
      case 'results_recorded':
        if (event.dry_run) return;
        for (const { contact_id, proposed_actions } of event.results)
          for (const action of proposed_actions) {
            const ref = { run_id: event.run_id, contact_id, action_index: action.action_index };
            this.actions.set(refKey(ref), knownOf(action));
          }
        return;
      case 'actions_changed':
        for (const change of event.changes) {
          const known = this.actions.get(refKey(change));
          if (known) this.actions.set(refKey(change), changed(known, change.set));
        }
    }
  }
}
