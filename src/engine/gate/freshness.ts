import { findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { digest } from '../../domain/base/digest.ts';
import { canonical } from '../../domain/base/json.ts';
import { answerIn, isWritten } from '../../domain/contacts/answers.ts';
import type { Contact, ContactEvent } from '../../domain/contacts/contact.ts';
import { recentActions } from '../../domain/contacts/profile.ts';
import { headerId, messageIdOf } from '../../domain/mail/threads/written-event.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import { type MovedItem, movedFields, notKept, type Seen, type Wording } from '../../domain/runs/seen.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import { type View, wholeOf } from '../../domain/state/view.ts';
import { knownAlong, type ShowsAgent, shownEntries } from '../../domain/visibility/hidden-entries.ts';
import type { KnownNow } from '../../evaluators/rule-again.ts';
import { effectiveParams, findAction } from '../base/actions.ts';
import { sharing } from '../base/scene.ts';
import { type Comparer, comparerOf } from './comparer.ts';
import { answerKey, isMessage, NEWS_MS } from './sight.ts';

/**
 * What moved since an action was proposed (contract, section 3). `changed_since` is part of what a yes is for;
 * `also_changed` has the numbers and times that neither the agent's words nor the action's speak of.
 */
export type Freshness = { changed_since: MovedItem[]; also_changed: MovedItem[] };

export const NOTHING_MOVED: Freshness = { changed_since: [], also_changed: [] };

/** What moved, as digests have it: what, before and after, and not when. */
export function movedParts(moved: readonly MovedItem[]): unknown[][] {
  return moved.map(({ what, before, after }) => [what, before ?? null, after ?? null]);
}

/** The digest of what would be done, together with what moved since; without such the digest alone. */
export function withMoved(base: string, moved: readonly MovedItem[]): string {
  return moved.length === 0 ? base : digest([base, ...movedParts(moved)]);
}

/** Whether another action was approved by the same call as this one: a person knew of both at the yes. */
function isOfSameCall(action: Action, other: Action | undefined): boolean {
  if (action.decided_via === 'policy' || !other) return false;
  return other.decided_at === action.decided_at && other.decided_by === action.decided_by;
}

/** An action whose freshness is asked for, with all that is known of its contact, but for what its own run did. */
type Asked = {
  view: View;
  ref: ActionRef;
  action: Action;
  seen: Seen;
  contact: Contact;
  entries: readonly LedgerEntry[];
  /** Whose doings may be told: everybody who sees the action's agent may read what moved. */
  knows: ShowsAgent;
  comparer: Comparer;
};

/** What an agent's and an action's words speak of, asked for only where a field moved. */
class WordsOf implements Wording {
  readonly #agent: Agent;
  readonly #asked: Asked;
  #said: ReturnType<Comparer['spokenBy']> | undefined;

  constructor(agent: Agent, asked: Asked) {
    this.#agent = agent;
    this.#asked = asked;
  }

  isNamed = (field: string): boolean => this.#asked.comparer.names(this.#agent, field);

  isSpokenOf(field: string, before: unknown): boolean {
    if (this.isNamed(field)) return true;
    const { action, comparer } = this.#asked;
    this.#said ??= comparer.spokenBy(action.params, effectiveParams(action));
    return this.#said(field, before);
  }
}

/**
 * Whether an entry of a contact's ledger is of the same run, or of the same call: what it did was no news to whoever said
 * yes.
 */
function isExcused({ view, ref, action }: Asked, entry: LedgerEntry, contact_id = ref.contact_id): boolean {
  const { run_id, action_index } = entry;
  if (run_id === ref.run_id) return true;
  if (action.status !== 'approved') return false;
  return isOfSameCall(action, findAction(view, { run_id, contact_id, action_index }));
}

/** The contact without what actions of the same run or call made of it. */
function withoutOwnChanges(asked: Asked): Contact {
  const { contact, entries, seen } = asked;
  let undone: Contact | undefined;
  for (const entry of entries) {
    const sets = entry.status === 'executed' ? findActionType(entry.type)?.sets : undefined;
    if (!sets || !isExcused(asked, entry)) continue;
    for (const [name, value] of Object.entries(sets(entry.params))) {
      if (canonical(contact[name] ?? null) !== canonical(value ?? null)) continue;
      undone ??= { ...contact };
      if (Object.hasOwn(seen.fields, name)) undone[name] = seen.fields[name];
      else delete undone[name];
    }
  }
  return undone ?? contact;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
}

/** Messages that were sent to the contact itself since the evaluation counted them. */
function ownMessages({ entries, seen: { sent: counted = 0 } }: Asked): LedgerEntry[] {
  const sent = entries.filter(isMessage);
  if (sent.length <= counted) return [];
  return sent.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at))).slice(counted);
}

/**
 * Messages that other runs sent to the contact meanwhile, or to another contact with its address: whoever reads them is
 * the same. Those to others count by their time, as others come to an address and leave it.
 */
function messages(asked: Asked): MovedItem[] {
  const { view, contact, seen } = asked;
  const isNews = (entry: LedgerEntry) => isMessage(entry) && entry.at > seen.at;
  const beside = sharing(view, contact).flatMap(({ id }) =>
    view.ledger(id).filter((entry) => isNews(entry) && !isExcused(asked, entry, id)),
  );
  const sent = [...ownMessages(asked).filter((entry) => !isExcused(asked, entry)), ...beside];
  return sent.map(({ type, run_id, agent_id, params, at }) => {
    if (!asked.knows(agent_id)) return { what: 'message sent', after: `${type} of another agent`, at };
    const subject = textOf(params.subject);
    return { what: 'message sent', after: `${type} of run ${run_id}${subject ? `: ${subject}` : ''}`, at };
  });
}

/**
 * Events that became known since, by which the contact answered, or another contact with its address: whoever answered
 * is the same.
 */
function answers(asked: Asked): MovedItem[] {
  const { view, contact } = asked;
  const ids = [contact.id, ...sharing(view, contact).map(({ id }) => id)];
  return ids.flatMap((id) => answersAmong(asked, view.activity(id).events));
}

/**
 * What an event is news of for an action: an answer of the contact. For an action that is an answer itself, whatever else
 * the contact wrote counts too, and the message that it answers doesn't.
 */
function newsIn({ action }: Asked, event: ContactEvent): string | undefined {
  const answered = findActionType(action.type)?.answers?.(action.params);
  if (!answered) return answerIn(event);
  const isIts = headerId(answered.id) === messageIdOf(event);
  return isIts && isWritten(event) ? undefined : (answerIn(event) ?? (isWritten(event) ? 'wrote' : undefined));
}

/** The answers among one contact's events, which are oldest first. */
function answersAmong(asked: Asked, events: readonly ContactEvent[]): MovedItem[] {
  if (events.length === 0) return [];
  const { seen } = asked;
  const known = new Set(seen.events);
  const from = new Date(Date.parse(seen.at) - NEWS_MS).toISOString();
  const found: MovedItem[] = [];
  for (let at = events.length - 1; at >= 0; at--) {
    const event = events[at];
    if (!event || event.timestamp < from) break;
    const what = newsIn(asked, event);
    if (what === undefined || known.has(answerKey(event))) continue;
    const said = textOf(event.properties.subject) ?? event.name;
    found.push({ what, ...(said === undefined ? {} : { after: said }), at: event.timestamp });
  }
  return found;
}

function latest(times: readonly (string | undefined)[]): string | undefined {
  return times
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
}

/** The rule by which an action was proposed, where it holds no longer. */
function brokenRule(asked: Asked, agent: Agent): MovedItem[] {
  const { view, action, ref, seen, contact, entries, comparer } = asked;
  const rule = action.rule === undefined ? undefined : agent.playbook.rules[action.rule];
  if (!rule?.when) return [];
  const known = new Set(seen.events);
  const { events } = view.activity(ref.contact_id);
  const news = entries.filter((entry) => entry.run_id !== ref.run_id && !isExcused(asked, entry));
  // The rule held by what its agent may know of others, so it holds again by that alone.
  const others = shownEntries(news, asked.knows);
  const isOld = (event: ContactEvent) => event.timestamp > seen.at && known.has(answerKey(event));
  const now: KnownNow = {
    contact,
    events: known.size === 0 ? events : events.filter((event) => !isOld(event)),
    decided: recentActions(others.filter(({ status }) => status !== 'pending_approval')),
    waiting: recentActions(others.filter(({ status }) => status === 'pending_approval')),
  };
  if (comparer.holds(agent, rule)(now, seen.at)) return [];
  const at = latest([contact.updated_at, events.at(-1)?.timestamp, ...entries.map((entry) => entry.at)]);
  return [{ what: 'rule no longer holds', before: rule.name, ...(at === undefined ? {} : { at }) }];
}

function inOrder(moved: readonly MovedItem[]): MovedItem[] {
  const keyOf = ({ what, at, before, after }: MovedItem) => canonical([what, at ?? '', before ?? null, after ?? null]);
  const keyed = moved.map((each) => ({ each, key: keyOf(each) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))).map(({ each }) => each);
}

/**
 * What moved since an action was proposed: fields of its contact, messages of other runs, answers of the contact, and
 * its rule. What an action of the same run did doesn't count; for an approved action, neither what the same call
 * approved. `comparer` may serve all actions of one look. It takes no time from a clock: time alone moves nothing.
 */
export function freshnessOf(
  looker: View,
  { ref, action }: { ref: ActionRef; action: Action },
  comparer: Comparer = comparerOf(looker),
): Freshness {
  // The same for everybody who decides on the action, because the digest of their yes binds it.
  const view = wholeOf(looker);
  const contact = view.contact(ref.contact_id);
  const run = view.run(ref.run_id);
  if (!contact || !run) return NOTHING_MOVED;
  const seen = action.seen ?? view.results(ref.run_id).results.get(ref.contact_id)?.seen;
  if (!seen || seen.brief) return { changed_since: [notKept], also_changed: [] };
  const agent = comparer.agentOf(run);
  if (!agent) return NOTHING_MOVED;
  const [entries, knows] = [view.ledger(ref.contact_id), knownAlong(view, run.agent_id)];
  const given: Asked = { view, ref, action, seen, contact, entries, knows, comparer };
  const asked: Asked = { ...given, contact: withoutOwnChanges(given) };
  const { changed, also } = movedFields(seen, asked.contact, new WordsOf(agent, asked));
  const since = [...changed, ...messages(asked), ...answers(asked), ...brokenRule(asked, agent)];
  if (since.length === 0 && also.length === 0) return NOTHING_MOVED;
  return { changed_since: inOrder(since), also_changed: inOrder(also) };
}
