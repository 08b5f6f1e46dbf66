import type { ActionScene } from '../../actions/action.ts';
import { type Author, OWNER_ID, PRODUCT } from '../../domain/base/author.ts';
import { bindingOf, paramsDigest } from '../../domain/decisions/binding.ts';
import {
  chained,
  chunkOf,
  type DecisionDraft,
  type DecisionEntry,
  decisionOf,
  digestOfMade,
  isRedacted,
  type MadeOf,
  nextChunk,
  proofOf,
  redacted,
} from '../../domain/decisions/decision.ts';
import type { ActionChange } from '../../domain/runs/action-change.ts';
import type { Action, ActionRef, Proof } from '../../domain/runs/run.ts';
import { BRAKE_DIGEST } from '../../domain/signed/claims.ts';
import type { Event } from '../../domain/state/events.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { effectiveParams, findAction } from '../base/actions.ts';
import type { Moment } from '../base/moment.ts';
import { sceneOf } from '../base/scene.ts';
import { draftOfKeys, withProof } from '../passkeys/key-drafts.ts';
import { actionParts, recipientOf } from './digest.ts';
import { freshnessOf, movedParts } from './freshness.ts';
import { liftedBy } from './lifted.ts';
import { draftOfEndedTrust } from './standing.ts';

type ResultsRecorded = Event & { type: 'results_recorded' };
type ChangeClosed = Extract<Event, { type: 'change_closed' }>;
type BrakeSet = Extract<Event, { type: 'brake_set' }>;
type Signature = Pick<DecisionDraft, 'by' | 'person' | 'client'>;

const BY_PRODUCT: Signature = { by: PRODUCT };

function signatureOf(author: Author): Signature {
  if (typeof author === 'string') return { by: author };
  const { user, client, member } = author;
  // The home's owner is who an entry without a person is of, as in all logs from before there were teams.
  const person = member === undefined || member.id === OWNER_ID ? {} : { person: member.id };
  return { by: user, ...person, ...(client === undefined ? {} : { client }) };
}

/** A run's agent as a log entry names it, in the version that the run evaluated with. */
function agentOf(view: View, run_id: string, agent_id: string) {
  const agent_name = view.agent(agent_id)?.name ?? '';
  return { agent_id, agent_name, agent_version: view.run(run_id)?.agent_version ?? 0 };
}

/** What is bound of one decision: the action as decided on, its agent, the reason given, and the proof. */
type Binding = {
  ref: ActionRef;
  agent_id: string;
  action: Partial<Action>;
  via: Proof;
  reason?: string | undefined;
  /** The digest that a signature is over, where there is one. */
  signed?: string | undefined;
};

/** What a signed digest was made of, so that whoever reads the entry alone can make it again. */
function madeOf(
  view: View,
  scene: ActionScene | undefined,
  { ref, action, signed }: Binding,
  params: Record<string, unknown>,
): { made_of?: MadeOf } {
  const whole = findAction(view, ref);
  if (signed === undefined || !scene || !whole) return {};
  const parts = actionParts(whole.type, params, scene, action.pinned_tool);
  if (digestOfMade({ action: parts }) === signed) return { made_of: { action: parts } };
  const made = { action: parts, moved: movedParts(freshnessOf(view, { ref, action: whole }).changed_since) };
  // What was approved before is taken back by the digest of then.
  return digestOfMade(made) === signed ? { made_of: made } : {};
}

/** The parts of an entry that bind it to the params and the recipient decided on, as they are before the commit. */
function bindingIn(view: View, bound: Binding, moment: Moment) {
  const { ref, agent_id, action, via, reason } = bound;
  const { contact_id } = ref;
  const agent = currentAgent(view, agent_id);
  const scene = agent && sceneOf(view, agent, contact_id);
  const recipient = recipientOf(action.type ?? '', scene, action.pinned_tool);
  const done = effectiveParams({ params: {}, ...action });
  const params = paramsDigest(done);
  const salt = moment.newSalt();
  return {
    binds: bindingOf(salt, { params, recipient, decided_via: via }),
    personal: {
      contact_id,
      ...(reason === undefined ? {} : { reason }),
      ...(recipient === undefined ? {} : { recipient }),
      ...madeOf(view, scene, bound, done),
      salt,
    },
  };
}

function draftOfChange(view: View, change: ActionChange, author: Author, moment: Moment): DecisionDraft | undefined {
  const decision = decisionOf(change, author !== PRODUCT);
  if (!decision) return undefined;
  const { run_id, action_index, agent_id, at, set } = change;
  const action = findAction(view, change);
  const via = proofOf(change, decision);
  const digest = set.digest ?? action?.digest ?? '';
  const attempt = via === 'signed' ? change.attempt : undefined;
  const signed = via === 'signed' ? (attempt?.digest ?? digest) : undefined;
  const decided = { ref: change, agent_id, action: { ...action, ...set }, via, reason: set.reason, signed };
  const isReplaced = decision === 'cancelled' && set.superseded_by !== undefined;
  const isPerson = decision !== 'expired' && decision !== 'returned' && !isReplaced;
  return {
    at,
    decision,
    ...(isPerson ? signatureOf(author) : BY_PRODUCT),
    via,
    ...agentOf(view, run_id, agent_id),
    run_id,
    action_index,
    type: action?.type ?? set.type ?? '',
    digest,
    edited: set.edited_params !== undefined || action?.edited_params !== undefined,
    ...(attempt ? { attempt } : {}),
    ...bindingIn(view, decided, moment),
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
    proposed_actions.flatMap((action) => {
      const { action_index, type, digest } = action;
      if (!action.auto_approved) return [];
      const base = { at, decision: 'approved' as const, by: 'policy', via: 'policy' as const };
      const ref = { run_id, contact_id, action_index };
      const bound = bindingIn(view, { ref, agent_id, action, via: 'policy' }, moment);
      return [{ ...base, ...agent, run_id, action_index, type, digest, edited: false, ...bound }];
    }),
  );
}

/**
 * Entries for a person's word on a change, one for each agent that it touches, or one alone where it touches none. A change
 * that lapsed is no decision.
 */
function draftsOfClosing(
  { outcome, at, what, agents, grants, via = 'client', binding }: ChangeClosed,
  author: Author,
): DecisionDraft[] {
  if (outcome === 'lapsed') return [];
  const decision = outcome === 'declined' ? 'declined' : grants ? 'granted' : 'loosened';
  const about = agents.map(({ id, name, version }) => ({ agent_id: id, agent_name: name, agent_version: version }));
  return (about.length > 0 ? about : [{}]).map((agent) => ({
    ...{ at, decision, ...signatureOf(author), via },
    ...agent,
    ...(binding === undefined ? {} : { digest: binding }),
    loosened: what,
  }));
}

function draftOfBrake({ on, at, via }: BrakeSet, author: Author): DecisionDraft {
  const digest = via === 'signed' ? { digest: BRAKE_DIGEST } : {};
  return { at, decision: on ? 'paused' : 'resumed', ...signatureOf(author), via, ...digest };
}

/** Entries for contacts whose objections a person lifted. */
function draftsOfLifting(
  view: View,
  event: Event & { type: 'contacts_saved' | 'objections_lifted' },
  author: Author,
  { at, newSalt }: Moment,
): DecisionDraft[] {
  const base = { at, decision: 'consent_lifted' as const, ...signatureOf(author), via: event.via ?? 'client' };
  if (event.type === 'objections_lifted')
    return event.digests.map((digest) => ({ ...base, digest, loosened: ['what had been kept of the address'] }));
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
    case 'contacts_saved':
    case 'objections_lifted':
      return event.via === undefined ? [] : draftsOfLifting(view, event, author, moment);
    case 'change_closed':
      return draftsOfClosing(event, author);
    case 'brake_set':
      return [draftOfBrake(event, author)];
    case 'trust_ended':
      return [draftOfEndedTrust(view, event, moment.at)];
    case 'passkey_added':
    case 'passkey_removed':
    case 'signing_set':
      return [draftOfKeys(view.passkeys(), event, { at: moment.at, ...signatureOf(author), via: event.via })];
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
  const proof = events.find((event) => event.type === 'signed')?.proof;
  const drafts = events.flatMap((event) => draftsOf(view, event, author, moment)).map((one) => withProof(one, proof));
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
