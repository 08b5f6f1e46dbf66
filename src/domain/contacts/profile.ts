import type { Activity, Contact, ContactEvent, RecentAction, Rejection, UnifiedProfile } from './contact.ts';

/**
 * An action in a contact's history; `reason` is what a person gave with the decision, or when sending it back. `hidden`: of
 * an agent that the reader doesn't see.
 */
type PastAction = Required<RecentAction> & { reason?: string; revised?: true; hidden?: true };

const DAY_MS = 86_400_000;
const TOP_PAGES = 5;

function pathOf(event: ContactEvent): string | undefined {
  if (event.type !== 'page') return undefined;
  const { path, url } = event.properties;
  if (typeof path === 'string' && path !== '') return path;
  if (typeof url === 'string' && URL.canParse(url)) return new URL(url).pathname;
  return event.name;
}

function topPages(events: readonly ContactEvent[]): { path: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const event of events) {
    const path = pathOf(event);
    if (path) counts.set(path, (counts.get(path) ?? 0) + 1);
  }
  const pages = [...counts].map(([path, count]) => ({ path, count }));
  return pages.sort((a, b) => b.count - a.count).slice(0, TOP_PAGES);
}

/** The actions that all agents took or proposed for a contact, newest first. */
export function recentActions(entries: readonly PastAction[]): RecentAction[] {
  const actions = entries.map(
    ({ type, status, params, agent_id, run_id, at, hidden }): RecentAction =>
      hidden ? { type, status, at } : { type, status, params, agent_id, run_id, at },
  );
  return actions.sort((a, b) => (a.at < b.at ? 1 : Number(a.at > b.at) * -1));
}

/** The actions that people rejected for a contact, or sent back, newest first, with the reasons they gave. */
export function rejectionsOf(entries: readonly PastAction[]): Rejection[] {
  const rejected = entries.filter(({ status, revised }) => status === 'rejected' || revised);
  return rejected
    .map(
      ({ type, status, params, reason, at, hidden }): Rejection =>
        hidden ? { type, status, at } : { type, params, ...(reason ? { reason } : {}), at },
    )
    .sort((a, b) => (a.at < b.at ? 1 : Number(a.at > b.at) * -1));
}

/** What a profile is made from beside the contact. `outbound` are the action types that reach a person. */
type ProfileSources = {
  activity: Activity;
  actions: readonly PastAction[];
  outbound: ReadonlySet<string>;
  now: Date;
};

/** A contact's fields and the figures that follow from its events and actions. */
export function unifiedProfile(contact: Contact, sources: ProfileSources): UnifiedProfile {
  const { activity, actions, outbound, now } = sources;
  const events = activity.events;
  const since = (days: number) => new Date(now.getTime() - days * DAY_MS).toISOString();
  const [first, last] = [events[0], events.at(-1)];
  const contacted = actions.filter((action) => action.status === 'executed' && outbound.has(action.type));
  const lastContacted = contacted
    .map((action) => action.at)
    .sort()
    .at(-1);
  return {
    ...contact,
    ...(first ? { first_seen: first.timestamp } : {}),
    ...(last ? { last_seen: last.timestamp, last_event: last } : {}),
    event_count: events.length,
    events_7d: countSince(events, since(7)),
    events_30d: countSince(events, since(30)),
    top_pages: topPages(events),
    ...(lastContacted ? { last_contacted_at: lastContacted } : {}),
  };
}

function countSince(events: readonly ContactEvent[], since: string): number {
  let count = 0;
  for (const event of events) if (event.timestamp >= since) count += 1;
  return count;
}
