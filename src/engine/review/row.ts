import { findActionType } from '../../actions/index.ts';
import { subjectOf } from '../../domain/mail/threads/thread.ts';
import { writtenEvent } from '../../domain/mail/threads/written-event.ts';
import { reasoningFor } from '../../domain/runs/revision.ts';
import type { Action, Wait } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import { effectiveParams } from '../base/actions.ts';
import { sceneOf } from '../base/scene.ts';
import { type ActionAsShown, type AnswersAsShown, type PendingAsShown, shownAction } from '../base/shown/action.ts';
import { briefContact } from '../base/shown/contact.ts';
import { wouldWait } from '../execution/sender-pace.ts';
import { sparedObjection } from '../gate/consent.ts';
import { recipientOf } from '../gate/digest.ts';
import type { Freshness } from '../gate/freshness.ts';
import type { LocatedAction } from './locate.ts';
import { headline, rejectedBefore } from './rejections.ts';

/** Where an action goes and who it is from, as they are now; where answers and copies go, where the sender says so. */
function route(
  view: View,
  found: LocatedAction,
): Partial<Record<'to' | 'from' | 'reply_to' | 'bcc', string | undefined>> {
  const scene = sceneOf(view, found.agent, found.ref.contact_id);
  if (!scene) return {};
  const known = findActionType(found.action.type);
  const sender = known?.outbound ? scene.identity : undefined;
  const from = sender && `${sender.name} <${sender.email}>`;
  const { reply_to, bcc } = (known?.settings?.includes('identity_id') && sender) || {};
  return { to: recipientOf(found.action.type, scene, found.action.pinned_tool), from, reply_to, bcc };
}

/** The message that an action answers, for whoever decides; nothing for an action that answers none. */
function answering(view: View, { agent, ref, action }: LocatedAction): { answers?: AnswersAsShown } {
  const known = findActionType(action.type);
  const params = effectiveParams(action);
  const answered = known?.answers?.(params);
  const scene = answered && sceneOf(view, agent, ref.contact_id);
  const event = answered && writtenEvent(scene?.events ?? [], answered.id);
  if (!known || !scene || !event) return {};
  const subject = subjectOf(event);
  const { from } = event.properties;
  const quotation = known.carries?.(scene, params)?.quotation;
  const although = sparedObjection(known, scene, params)?.why;
  const answers: AnswersAsShown = {
    ...(subject === undefined ? {} : { subject }),
    at: event.timestamp,
    ...(typeof from === 'string' ? { from } : {}),
    ...(quotation ? { quoted: { characters: quotation.characters, of: quotation.of } } : {}),
    ...(although === undefined ? {} : { although }),
  };
  return { answers };
}

/** An action as clients see it, with the digest to decide on now. */
export function shownDecidable({ action, digest, moved }: LocatedAction): ActionAsShown {
  return { ...shownAction(action), digest, ...shownMoved(moved) };
}

/** What moved since an action was proposed; nothing where nothing did. */
function shownMoved({ changed_since, also_changed }: Freshness): Partial<Freshness> {
  return {
    ...(changed_since.length > 0 ? { changed_since } : {}),
    ...(also_changed.length > 0 ? { also_changed } : {}),
  };
}

/** The status of a row in short, where it isn't the one that most have, and what an approved action waits for. */
function statusInShort({ status, waits }: Action): { status?: 'unknown' | 'failed' | 'approved'; waits?: Wait } {
  if (status === 'unknown' || status === 'failed') return { status };
  return status === 'approved' ? { status, ...(waits ? { waits } : {}) } : {};
}

/** For how long an action that waits for a decision would wait after it, at this moment. */
function waitAfter(view: View, { ref, agent, action }: LocatedAction, now: Date | undefined): { would_wait?: Wait } {
  const scene = now && action.status === 'pending_approval' ? sceneOf(view, agent, ref.contact_id) : undefined;
  const wait = now && scene && wouldWait(view, scene, action.type, now);
  return wait ? { would_wait: wait } : {};
}

/**
 * An action as list_pending_actions shows it, with the digest to decide on. Without `now` it says nothing that moves with
 * the time alone.
 */
export function shownRow(view: View, found: LocatedAction, detail: 'full' | 'brief', now?: Date): PendingAsShown {
  const { action, agent } = found;
  const { run_id, contact_id, action_index } = found.ref;
  const address = { run_id, contact_id, action_index, type: action.type };
  if (detail === 'brief')
    return {
      ...address,
      headline: headline(effectiveParams(action)),
      digest: found.digest,
      // Numbers and times that nothing speaks of would take up the page.
      ...shownMoved({ ...found.moved, also_changed: [] }),
      ...statusInShort(action),
    };
  const contact = briefContact(view.contact(contact_id));
  const result = view.results(run_id).results.get(contact_id);
  const reasoning = result ? reasoningFor(result, action) : '';
  return {
    ...address,
    agent_id: agent.id,
    agent_name: agent.name,
    contact,
    ...route(view, found),
    ...answering(view, found),
    ...waitAfter(view, found, now),
    reasoning,
    ...rejectedBefore(view, found.ref),
    ...shownDecidable(found),
  };
}
