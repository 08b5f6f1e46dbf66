import { ACTION_TYPES } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import { digest } from '../../domain/base/digest.ts';
import { answerIn, isWritten } from '../../domain/contacts/answers.ts';
import type { ContactEvent } from '../../domain/contacts/contact.ts';
import { keptFields, type Seen } from '../../domain/runs/seen.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { sharing } from '../base/scene.ts';
import { agentWords } from './comparer.ts';

/** An event counts as news if it is dated at most this long before the evaluation. */
export const NEWS_MS = 7 * 86_400_000;

const OUTBOUND: ReadonlySet<string> = new Set(ACTION_TYPES.filter((type) => type.outbound).map((type) => type.type));

/** What an evaluation saw of its contact, and on which commit. */
export type Sight = { as_of: number; seen: Seen };

/** A short key that tells the events of a contact apart. */
export function answerKey({ type, name, timestamp, message_id, properties }: ContactEvent): string {
  return digest([type, name ?? null, timestamp, message_id ?? null, properties]).slice(0, 16);
}

/** Whether an entry of a contact's ledger is a message that was sent. */
export function isMessage({ type, status }: LedgerEntry): boolean {
  return status === 'executed' && OUTBOUND.has(type);
}

/** Keys of the events that could be taken for news later: what was written in the last days, and what lies in the future. */
function couldBeNews(events: readonly ContactEvent[], now: Date): string[] {
  if (events.length === 0) return [];
  const at = now.toISOString();
  const from = new Date(now.getTime() - NEWS_MS).toISOString();
  const keys: string[] = [];
  for (let place = events.length - 1; place >= 0; place--) {
    const event = events[place];
    if (!event || event.timestamp < from) break;
    if (event.timestamp > at || answerIn(event) !== undefined || isWritten(event)) keys.push(answerKey(event));
  }
  return keys;
}

/**
 * What an evaluation that looks at a contact now sees of it; undefined where the contact was deleted. `words` are those
 * of the agent (`agentWords`), for callers with many contacts.
 */
export function sightOf(
  view: View,
  {
    agent,
    contactId,
    words = agentWords(agent),
  }: { agent: Agent; contactId: string; words?: (field: string) => boolean },
  now: Date,
): Sight | undefined {
  const contact = view.contact(contactId);
  if (!contact) return undefined;
  const ids = [contactId, ...sharing(view, contact).map(({ id }) => id)];
  const events = ids.flatMap((id) => couldBeNews(view.activity(id).events, now));
  const sent = view.ledger(contactId).filter(isMessage).length;
  const seen: Seen = {
    at: now.toISOString(),
    ...keptFields(contact, words),
    ...(events.length > 0 ? { events } : {}),
    ...(sent > 0 ? { sent } : {}),
  };
  return { as_of: view.commits(), seen };
}
