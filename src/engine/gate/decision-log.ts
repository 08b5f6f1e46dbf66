import type { Agent } from '../../domain/agents/agent.ts';
import { type Author, PRODUCT } from '../../domain/base/author.ts';
import {
  chained,
  chunkOf,
  type DecisionDraft,
  type DecisionEntry,
  decisionOf,
  isRedacted,
  nextChunk,
  redacted,
} from '../../domain/decisions/decision.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Proof } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { findAction } from '../base/actions.ts';
import type { Moment } from '../base/moment.ts';
import { liftedBy } from './lifted.ts';
import { agentsWithNewSender, askingAlways, loosenings } from './loosening.ts';

type ResultsRecorded = Extract<Event, { type: 'results_recorded' }>;
type IdentitySaved = Extract<Event, { type: 'identity_saved' }>;
/** When a change was made, by whom, and by which proof that is known. */
type Change = { at: string; author: Author; via: Proof | undefined };
type Signature = Pick<DecisionDraft, 'by' | 'client'>;

const BY_PRODUCT: Signature = { by: PRODUCT };

function signatureOf(author: Author): Signature {
  if (typeof author === 'string') return { by: author };
  return { by: author.user, ...(author.client === undefined ? {} : { client: author.client }) };
}

/** A run's agent as a log entry names it, in the version that the run evaluated with. */
function agentOf(view: View, run_id: string, agent_id: string) {
  const agent_name = view.agent(agent_id)?.name ?? '';
  return { agent_id, agent_name, agent_version: view.run(run_id)?.agent_version ?? 0 };
}

function draftOfChange(view: View, change: ActionChange, author: Author, moment: Moment): DecisionDraft | undefined {
  const decision = decisionOf(change, author !== PRODUCT);
  if (!decision) return undefined;
  const { run_id, contact_id, action_index, at, set } = change;
  const action = findAction(view, change);
  const isPerson = decision !== 'expired' && decision !== 'returned';
  return {
    at,
    decision,
    ...(isPerson ? signatureOf(author) : BY_PRODUCT),
    via: isPerson ? (change.via ?? set.decided_via ?? 'client') : 'policy',
    ...agentOf(view, run_id, change.agent_id),
    run_id,
    action_index,
    type: action?.type ?? set.type ?? '',
    digest: set.digest ?? action?.digest ?? '',
    edited: set.edited_params !== undefined || action?.edited_params !== undefined,
    personal: { contact_id, ...(set.reason === undefined ? {} : { reason: set.reason }), salt: moment.newSalt() },
  };
}

/** Entries for new proposals that the agent's own policy approved. */
function draftsOfResults(
  view: View,
  { run_id, agent_id, at, results }: ResultsRecorded,
  moment: Moment,
): DecisionDraft[] {
  const agent = agentOf(view, run_id, agent_id);
  return results.flatMap(({ contact_id, proposed_actions }) =>
    proposed_actions.flatMap(({ action_index, type, digest, auto_approved }) => {
      if (!auto_approved) return [];
      const base = { at, decision: 'approved' as const, by: 'policy', via: 'policy' as const };
      const personal = { contact_id, salt: moment.newSalt() };
      return [{ ...base, ...agent, run_id, action_index, type, digest, edited: false, personal }];
    }),
  );
}

function draftsOfLoosening(agent: Agent, how: string[], { at, author, via = 'client' }: Change): DecisionDraft[] {
  if (how.length === 0) return [];
  const named = { agent_id: agent.id, agent_name: agent.name, agent_version: agent.version };
  return [{ at, decision: 'loosened', ...signatureOf(author), via, ...named, loosened: how }];
}

/** Entries for agents whose waiting actions would now come from another address or server. */
function draftsOfIdentity(view: View, { identity, via }: IdentitySaved, author: Author): DecisionDraft[] {
  const before = view.identity(identity.id);
  const agents = before ? agentsWithNewSender(view, before, identity) : [];
  const how = ['actions that wait would come from another address or server'];
  return agents.flatMap((agent) => draftsOfLoosening(agent, how, { at: identity.updated_at, author, via }));
}

const NO_AGENT = { agent_id: '', agent_name: '', agent_version: 0 };

/** Entries for contacts whose objections a person lifted. */
function draftsOfLifting(
  view: View,
  event: Event & { type: 'contacts_saved' | 'objections_lifted' },
  author: Author,
  { at, newSalt }: Moment,
): DecisionDraft[] {
  const base = {
    at,
    decision: 'consent_lifted' as const,
    ...signatureOf(author),
    via: event.via ?? 'client',
    ...NO_AGENT,
  };
  if (event.type === 'objections_lifted')
    return event.digests.map((digest) => ({ ...base, digest, loosened: ['what an erased contact had objected to'] }));
  return liftedBy(view, event).map(({ contact_id, flags }) => ({
    ...base,
    loosened: [...flags],
    personal: { contact_id, salt: newSalt() },
  }));
}

function draftsOf(view: View, event: Event, author: Author, moment: Moment): DecisionDraft[] {
  switch (event.type) {
    case 'actions_changed':
      return event.changes.flatMap((change) => draftOfChange(view, change, author, moment) ?? []);
    case 'results_recorded':
      return draftsOfResults(view, event, moment);
    case 'agent_saved': {
      const { agent, via } = event;
      const how = loosenings(view, currentAgent(view, agent.id) ?? askingAlways(agent), agent);
      return draftsOfLoosening(agent, how, { at: agent.updated_at, author, via });
    }
    case 'identity_saved':
      return draftsOfIdentity(view, event, author);
    case 'contacts_saved':
    case 'objections_lifted':
      return event.via === undefined ? [] : draftsOfLifting(view, event, author, moment);
    default:
      return [];
  }
}

/** The numbers of the entries that tell how a person lifted a contact's objections. No ledger has them. */
function liftingsOf(view: View, contactId: string): number[] {
  if (view.contact(contactId)?.consent_lifted_at === undefined) return [];
  const found: number[] = [];
  const { seq: newest } = view.decisionHead();
  for (let first = 1; first <= newest; first = nextChunk(first))
    for (const { seq, decision, personal } of view.decisions(chunkOf(first)))
      if (decision === 'consent_lifted' && personal?.contact_id === contactId) found.push(seq);
  return found;
}

/** The numbers of the log entries about a contact. */
export function decisionsAbout(view: View, contactId: string): number[] {
  return [...view.ledger(contactId).flatMap((entry) => entry.decisions ?? []), ...liftingsOf(view, contactId)];
}

/**
 * The decision log's part of a commit: an entry for each decision among `events`, and the redaction of the entries
 * about contacts that the commit deletes.
 */
export function logEvents(view: View, events: readonly Event[], author: Author, moment: Moment): Event[] {
  const drafts = events.flatMap((event) => draftsOf(view, event, author, moment));
  const deleted = new Set(events.flatMap((event) => (event.type === 'contact_deleted' ? [event.contact_id] : [])));
  const entries: DecisionEntry[] = [];
  let head = view.decisionHead();
  for (const draft of drafts) {
    const entry = chained(draft, head);
    head = entry;
    entries.push(draft.personal && deleted.has(draft.personal.contact_id) ? redacted(entry) : entry);
  }
  const redactedAtOnce = entries.filter(isRedacted).map((entry) => entry.seq);
  const seqs = [...[...deleted].flatMap((id) => decisionsAbout(view, id)), ...redactedAtOnce];
  const recorded: Event[] = entries.length > 0 ? [{ type: 'decisions_recorded', entries }] : [];
  return seqs.length > 0 ? [...recorded, { type: 'decisions_redacted', seqs }] : recorded;
}
