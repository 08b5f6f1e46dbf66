import type { Agent } from '../domain/agent.ts';
import { AppError, notFound } from '../domain/errors.ts';
import { compileFilter } from '../domain/filter.ts';
import { contactOf, type View } from '../domain/state.ts';

/** The contacts a caller named, once each; refuses unknown ones and more than the agent takes. */
export function namedTargets(view: View, agent: Agent, ids: readonly string[]): string[] {
  const book = view.contacts();
  const { byId } = book;
  const wanted = [...new Set(ids.map((id) => contactOf(book, id)?.id ?? id))];
  const unknown = wanted.filter((id) => !byId.has(id));
  if (unknown.length > 0) {
    throw notFound(
      `contact_ids names ${unknown.length} unknown contact(s): ${unknown.slice(0, 5).join(', ')}. No run was made. list_contacts shows the ids.`,
      {
        contact_ids: unknown.slice(0, 20),
      },
    );
  }
  const most = agent.monitoring.max_contacts_per_run;
  if (wanted.length > most) {
    throw new AppError(
      'LIMIT_EXCEEDED',
      `contact_ids names ${wanted.length} contacts, and the agent takes at most ${most} a run (monitoring.max_contacts_per_run). No run was made. Name fewer, or raise it with update_agent.`,
      {
        contact_ids: wanted.length,
        max_contacts_per_run: most,
      },
    );
  }
  return wanted;
}

/** The contacts the agent's filter finds: never evaluated ones first, then those evaluated longest ago. */
export function filterTargets(view: View, agent: Agent): string[] {
  const matches = compileFilter(agent.monitoring.filter, 'monitoring.filter');
  const { evaluated } = view.agent(agent.id);
  const found: { id: string; at: string }[] = [];
  for (const contact of view.contacts().byId.values()) {
    if (matches(contact)) found.push({ id: contact.id, at: evaluated.get(contact.id) ?? '' });
  }
  if (evaluated.size > 0) found.sort((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  return found.slice(0, agent.monitoring.max_contacts_per_run).map((item) => item.id);
}
