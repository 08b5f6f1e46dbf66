import type { Action } from '../../domain/runs/run.ts';
import { ALL } from '../../domain/state/queries.ts';
import type { View } from '../../domain/state/view.ts';
import { shorten } from '../../evaluators/briefing.ts';
import type { House } from '../base/house.ts';
import { findAgent, findRun } from '../base/lookup.ts';
import { pageOf } from '../base/paging.ts';
import { type RunAsShown, shownRun } from '../base/shown/run.ts';
import { findWaiting } from '../review/pending.ts';

const MOST_COLUMNS = 60;
const LOOKED_AT = 1_000;

/** What the author of a new agent has to know: how many contacts there are, their columns, and the agents' names. */
export function groundFor(house: House): Promise<{ contacts: number | string; columns: string[]; agents: string[] }> {
  return house.read((view) => {
    const { rows, total, isAtLeast } = view.find.contacts({ limit: LOOKED_AT, offset: 0 });
    const columns = new Set<string>();
    for (const contact of rows.toReversed()) for (const name of Object.keys(contact)) columns.add(name);
    const agents = view.find.agents({}, { limit: 20, offset: 0 }).rows;
    return {
      contacts: isAtLeast ? `${total} or more` : total,
      columns: [...columns].slice(0, MOST_COLUMNS).map((name) => name.slice(0, 80)),
      agents: agents.map((agent) => agent.name).reverse(),
    };
  });
}

/** One proposal that a person rejected, sent back or edited. */
type Lesson = {
  contact_id: string;
  run_id: string;
  type: string;
  decided_at: string | undefined;
  proposed: unknown;
  approved?: unknown;
  reason?: string;
};

type Lessons = { rejected: Lesson[]; edited: Lesson[] };

const MOST_LESSONS = 20;
const LESSON_TOKENS = 3_000;
const LONGEST = 400;
/** The most runs whose results are read: those of each run are a document of their own, which has to be loaded. */
const MOST_RUNS = 100;

function lesson(run_id: string, contact_id: string, action: Action): Lesson {
  const { type, params, edited_params, reason, decided_at } = action;
  return {
    contact_id,
    run_id,
    type,
    decided_at,
    proposed: shorten(params, LONGEST),
    ...(edited_params ? { approved: shorten(edited_params, LONGEST) } : {}),
    ...(reason ? { reason: reason.slice(0, LONGEST) } : {}),
  };
}

function collect(view: View, runId: string, lessons: Lessons): void {
  for (const { contact_id, proposed_actions } of view.results(runId).results.values()) {
    for (const action of proposed_actions) {
      if (action.status === 'rejected' || action.revised) lessons.rejected.push(lesson(runId, contact_id, action));
      else if (action.edited_params) lessons.edited.push(lesson(runId, contact_id, action));
    }
  }
}

function newest(lessons: Lesson[]): Lesson[] {
  lessons.sort((a, b) => (b.decided_at ?? '').localeCompare(a.decided_at ?? ''));
  return pageOf(lessons, { limit: MOST_LESSONS, offset: 0 }, (item) => item, LESSON_TOKENS).rows;
}

export type Learned = { id: string; agent: string; version: number; decided: Record<string, number> } & Lessons;

/** An agent's newest proposals that people rejected or sent back, and those that they edited. */
export function lessonsFor(house: House, idOrName: string): Promise<Learned> {
  return house.read((view) => {
    const { id, name, version } = findAgent(view, idOrName);
    const runs = view
      .runsOf(id)
      .filter((run) => !run.dry_run)
      .reverse();
    const decided = runs.filter(
      ({ summary }) => summary.actions_rejected + summary.actions_approved + summary.actions_cancelled > 0,
    );
    const lessons: Lessons = { rejected: [], edited: [] };
    for (const run of decided.slice(0, MOST_RUNS)) {
      collect(view, run.id, lessons);
      if (Math.min(lessons.rejected.length, lessons.edited.length) >= MOST_LESSONS) break;
    }
    const sum = (count: 'actions_approved' | 'actions_rejected') =>
      runs.reduce((total, { summary }) => total + summary[count], 0);
    return {
      id,
      agent: name,
      version,
      decided: { approved: sum('actions_approved'), rejected: sum('actions_rejected') },
      rejected: newest(lessons.rejected),
      edited: newest(lessons.edited),
    };
  });
}

type QueueFilter = { agent_id?: string | undefined; run_id?: string | undefined };

export type Queue = {
  ids: Record<string, string>;
  waiting: number;
  oldest?: string;
  by_agent: { agent: string; waiting: number }[];
};

/** How much waits for a person, by agent, and the ids that the filter stands for. */
export function queueFor(house: House, filter: QueueFilter): Promise<Queue> {
  return house.read((view) => {
    const open = findWaiting(view, filter, ALL).rows;
    const counts = new Map<string, number>();
    for (const { agent_id } of open) counts.set(agent_id, (counts.get(agent_id) ?? 0) + 1);
    const by_agent = [...counts].map(([id, waiting]) => ({ agent: view.agent(id)?.name ?? id, waiting }));
    const oldest = open[0]?.proposed_at;
    return { ids: idsOf(view, filter), waiting: open.length, ...(oldest ? { oldest } : {}), by_agent };
  });
}

function idsOf(view: View, { agent_id, run_id }: QueueFilter): Record<string, string> {
  return {
    ...(agent_id === undefined ? {} : { agent_id: findAgent(view, agent_id).id }),
    ...(run_id === undefined ? {} : { run_id: findRun(view, run_id).id }),
  };
}

/** A run with its counts, and the name of its agent. */
export function runFacts(house: House, runId: string): Promise<{ agent: string; run: RunAsShown }> {
  return house.read((view) => {
    const run = findRun(view, runId);
    return { agent: view.agent(run.agent_id)?.name ?? run.agent_id, run: shownRun(run) };
  });
}
