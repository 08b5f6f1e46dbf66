import type { Client } from 'pg';
import type { Event } from '../../../domain/state/events.ts';
import type { TeamOwned } from '../../../domain/state/view.ts';
import { AskedTooSoon } from './answers.ts';
import type { Attention } from './family.ts';
import type { PutRow } from './load-rows.ts';
import { idOfKey, rowKey } from './row-key.ts';

type ShownRows = { agents: string[]; runs: string[]; threads: string[] };

/** So many answers stay from one look to the next. */
const MOST_KNOWN = 100_000;
const MOST_LETTERS = 500;
const LISTS = { agent: 'agents', run: 'runs', thread: 'threads' } as const;

/** The key of which an event may change the answer. An agent's team never changes, nor does the agent of a run or a conversation. */
function changedBy(event: Event): string | undefined {
  if (event.type === 'agent_saved') return `agent ${event.agent.id}`;
  if (event.type === 'run_created') return `run ${event.run.id}`;
  return event.type === 'thread_talked' ? `thread ${event.thread.thread_id}` : undefined;
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
    // No id is as long: whoever asks for one that there isn't fills no memory with it.
    if (id.length > MOST_LETTERS) return false;
    const known = this.known.get(`${what} ${id}`)?.get(team);
    if (known !== undefined) return known;
    if (this.attention.hasDrafted) throw new AskedTooSoon();
    this.attention.miss(this.name, `${team} ${what} ${id}`);
    return false;
  }

  async load(client: Client, keys: Iterable<string>): Promise<PutRow[]> {
    const byTeam = new Map<number, string[]>();
    for (const asked of keys) {
      const end = asked.indexOf(' ');
      const team = Number(asked.slice(0, end));
      const wanted = byTeam.get(team);
      if (wanted) wanted.push(asked.slice(end + 1));
      else byTeam.set(team, [asked.slice(end + 1)]);
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
    const teams = this.known.get(key);
    if (teams) teams.set(team, isShown);
    else this.known.set(key, new Map([[team, isShown]]));
  }

  /** Forgets what the events of a commit that the database has may change. */
  forget(events: readonly Event[]): void {
    for (const event of events) {
      const changed = changedBy(event);
      if (changed !== undefined) this.known.delete(changed);
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

  /** Forgets all where that is much. A look that is under way goes on with what it has asked for. */
  release(): void {
    if (this.known.size > MOST_KNOWN) this.known.clear();
  }

  clear(): void {
    this.known.clear();
  }
}
