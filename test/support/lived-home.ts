import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { chained, type DecisionEntry } from '../../src/domain/decisions/decision.ts';
import type { Event } from '../../src/domain/state/events.ts';
import type { View } from '../../src/domain/state/view.ts';
import { splitLines } from '../../src/store/log/commit.ts';
import type { Store } from '../../src/store/store.ts';
import { Chance } from './chance.ts';
import { type Files, filesOf } from './damage.ts';
import { NOW } from './fixtures.ts';
import { whatever } from './life.ts';
import { aStore } from './store.ts';
import { whole } from './whole.ts';

const TUNING = { segmentBytes: 3_000, saveAfterMs: 1_000_000, smallBytes: 500, memoryBytes: 10_000 };
const COMMITS = 36;
/** How a home was left: `closed` in good order, `killed` with older snapshots, `bare` without any snapshot. */
export const LEFT = ['closed', 'killed', 'bare'] as const;
export type Left = (typeof LEFT)[number];

/** The state after one acknowledged change: the commit `n`, all names so far, a digest (`print`) of all it tells. */
type Moment = { n: number; key: string; names: string[]; print: string; entries: number };

/** A home with a history, left in three ways, and what was acknowledged while it was made. */
export type Scene = {
  homes: Record<Left, string>;
  /** The newest commit that the snapshots know of. */
  known: Record<Left, number>;
  log: Files;
  lines: Buffer[];
  moments: Moment[];
  entries: DecisionEntry[];
};

export function storeOf(home: string, warnings: string[] = []): Store {
  const quiet = () => undefined;
  const warn = (_fields: object, message: string) => void warnings.push(message);
  const log = { debug: quiet, info: quiet, warn, error: quiet };
  let ids = 0;
  return aStore(home, { now: () => new Date(NOW), newId: (prefix) => `${prefix}_${++ids}`, log }, TUNING);
}

export function printOf(view: View, names: readonly string[]): string {
  const told = [...whole(view, names)].map(([name, text]) => `${name}: ${text}`);
  return createHash('sha256').update(told.join('\n')).digest('hex');
}

function namesIn(event: Event): string[] {
  if (event.type === 'contacts_saved') return event.contacts.map(({ id }) => id);
  if (event.type === 'agent_saved') return [event.agent.id];
  return event.type === 'run_created' ? [event.run.id] : [];
}

async function change(store: Store, drawn: number, key: string): Promise<Event[]> {
  return store.commit('life', (view) => {
    const chance = new Chance(drawn);
    const events = whatever(view, chance, { id: key, at: NOW, filler: 200 });
    if (chance.below(3) === 0 && !events.some(({ type }) => type === 'decisions_recorded')) {
      const said = { agent_id: 'ag', agent_name: key, agent_version: 1 };
      const draft = { at: NOW, decision: 'loosened' as const, by: 'life', via: 'client' as const, ...said };
      events.push({ type: 'decisions_recorded', entries: [chained(draft, view.decisionHead())] });
    }
    return {
      events: [...events, { type: 'key_used', tool: 'life', key, digest: '', id: key, at: NOW }],
      value: events,
    };
  });
}

/** Makes homes with a history below `root`. The same seed makes the same history. */
export async function sceneIn(root: string, seed: number): Promise<Scene> {
  const homes = { closed: path.join(root, 'closed'), killed: path.join(root, 'killed'), bare: path.join(root, 'bare') };
  const known = { closed: 0, killed: 0, bare: 0 };
  const chance = new Chance(seed);
  const store = storeOf(homes.closed);
  const [moments, entries, names]: [Moment[], DecisionEntry[], string[]] = [[], [], []];
  for (let i = 1; i <= COMMITS; i++) {
    const key = `${seed}-${i}`;
    const events = await change(store, chance.below(2 ** 31), key);
    names.push(...events.flatMap(namesIn));
    for (const event of events) if (event.type === 'decisions_recorded') entries.push(...event.entries);
    const { n, print } = await store.read((view) => ({ n: view.commits(), print: printOf(view, names) }));
    moments.push({ n, key, names: [...names], print, entries: entries.length });
    if (i === COMMITS - 6) {
      await store.close();
      fs.cpSync(path.join(homes.closed, 'state'), path.join(homes.killed, 'state'), { recursive: true });
      known.killed = n;
    }
  }
  await store.close();
  known.closed = moments.at(-1)?.n ?? 0;
  for (const home of [homes.killed, homes.bare])
    for (const name of ['log', 'home.json'])
      fs.cpSync(path.join(homes.closed, name), path.join(home, name), { recursive: true });
  const log = filesOf(path.join(homes.closed, 'log'));
  const lines = [...log.values()].flatMap((bytes) => splitLines(bytes).lines);
  return { homes, known, log, lines, moments, entries };
}
