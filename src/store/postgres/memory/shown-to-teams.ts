import type { Client } from 'pg';
import type { Event } from '../../../domain/state/events.ts';
import type { TeamOwned } from '../../../domain/state/view.ts';
import { AskedTooSoon } from './answers.ts';
import type { Attention } from './family.ts';
import type { PutRow } from './load-rows.ts';
import { idOfKey, rowKey } from './row-key.ts';

type ShownRows = { agents: string[]; runs: string[]; threads: string[] };

const MOST_KNOWN = 100_000;
const LISTS = { agent: 'agents', run: 'runs', thread: 'threads' } as const;

/** The keys of which an event may change the answer; undefined where it may change any. */
function changedBy(event: Event): string[] | undefined {
  switch (event.type) {
    case 'agent_saved':
      return event.agent.version === 1 ? [`agent ${event.agent.id}`] : undefined;
    case 'run_created':
      return [`run ${event.run.id}`];
    case 'thread_talked':
      return [`thread ${event.thread.thread_id}`];
    default:
      return [];
  }
}

/** What the database's row-level security shows to a team of agents, runs and conversations, for as long as no commit may change it. */
export class ShownToTeams {
  readonly name = '?shown';
  private readonly attention: Attention;
  private readonly known = new Map<string, Map<number, boolean>>();
  private drafted: Event[] = [];

  constructor(attention: Attention) {
    this.attention = attention;
  }

  /** Whether a team is shown it; false where that isn't known yet, which is then noted as missed. */
  get(team: number, what: TeamOwned, id: string): boolean {
    const known = this.known.get(`${what} ${id}`)?.get(team);
    if (known !== undefined) return known;
    if (this.attention.hasDrafted) throw new AskedTooSoon();
    this.attention.miss(this.name, `${team} ${what} ${id}`);
    return false;
  }

  async load(client: Client, keys: Iterable<string>): Promise<PutRow[]> {
    const byTeam = new Map<number, string[]>();
    for (const asked of keys) {
      const [team = '', ...rest] = asked.split(' ');
      byTeam.set(Number(team), [...(byTeam.get(Number(team)) ?? []), rest.join(' ')]);
    }
    const puts: PutRow[] = [];
    for (const [team, wanted] of byTeam) {
      const shown = await this.ask(client, team, wanted);
      for (const key of wanted) puts.push(() => this.keep(key, team, shown.has(key)));
    }
    return puts;
  }

  private async ask(client: Client, team: number, wanted: readonly string[]): Promise<Set<string>> {
    const idsOf = (what: TeamOwned) =>
      wanted.filter((key) => key.startsWith(`${what} `)).map((key) => rowKey(key.slice(what.length + 1)));
    const { rows } = await client.query<ShownRows>('select * from shown_to_team($1, $2, $3, $4)', [
      ...[team, idsOf('agent'), idsOf('run'), idsOf('thread')],
    ]);
    const [shown = { agents: [], runs: [], threads: [] }] = rows;
    const kinds: TeamOwned[] = ['agent', 'run', 'thread'];
    return new Set(kinds.flatMap((what) => shown[LISTS[what]].map((id) => `${what} ${idOfKey(id)}`)));
  }

  private keep(key: string, team: number, isShown: boolean): void {
    // Whoever asks for ids that there aren't fills no memory with them.
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    const teams = this.known.get(key);
    if (teams) teams.set(team, isShown);
    else this.known.set(key, new Map([[team, isShown]]));
  }

  /** Forgets what the events of a commit that the database has may change. */
  forget(events: readonly Event[]): void {
    for (const event of events) {
      const changed = changedBy(event);
      if (changed === undefined) this.clear();
      else for (const key of changed) this.known.delete(key);
    }
  }

  /** The same for commits of a draft, once they are kept. */
  draft(events: readonly Event[]): void {
    this.drafted.push(...events);
  }

  keepDraft(): void {
    this.forget(this.drafted);
    this.drafted = [];
  }

  dropDraft(): void {
    this.drafted = [];
  }

  clear(): void {
    this.known.clear();
  }
}
