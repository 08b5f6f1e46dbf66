import { addressKey } from '../../../domain/contacts/address.ts';
import type { Contact } from '../../../domain/contacts/contact.ts';
import { namesOfDeleted } from '../../../domain/state/erasure.ts';
import type { Event } from '../../../domain/state/events.ts';
import type { RowFamilies } from './families.ts';
import { mentionedIn } from './mentioned.ts';
import { Pairs } from './pairs.ts';
import { bodiesOf, type RowBirth, type TouchedRows } from './row-bodies.ts';
import { rowKey } from './row-key.ts';
import { type Belongings, noteBelonging } from './team-rows.ts';

type Deletion = { id: string; names: string[]; runs: string[]; agents: string[] };

/**
 * What the commits of one transaction change in the rows. What was deleted goes from the database first, so a deletion takes back what the same
 * commits had written before it.
 */
export class RowChanges {
  private readonly gone: Deletion[] = [];
  private readonly goneRuns: string[] = [];
  private readonly goneAgents: string[] = [];
  private readonly contacts = new Map<string, RowBirth & { contact: Contact }>();
  private readonly aliases = new Map<string, { n: number; contact_id: string }>();
  private readonly addresses = new Pairs<number>();
  private readonly evaluated = new Pairs<{ n: number; at: string }>();
  private readonly runPeople = new Pairs<true>();
  private readonly mentions = new Pairs<true>();
  private readonly keys = new Map<string, { n: number; body: string }>();
  private readonly nonces = new Map<string, number>();
  private readonly decisions = new Map<number, number>();
  private readonly redactions = new Map<number, number>();
  private readonly touched: TouchedRows = {
    ...{ activity: new Map(), ledger: new Map(), threads: new Map(), agents: new Map(), runs: new Map() },
    results: new Pairs(),
  };
  private readonly teams: Belongings = { agent_teams: new Map(), agent_work: new Map() };
  private place = 0;

  /** Takes in the events of commit `n`. */
  take(n: number, events: readonly Event[]): void {
    this.place = 0;
    for (const event of events) {
      for (const name of mentionedIn(event)) this.mentions.set(name, String(n), true);
      noteBelonging(this.teams, event, n);
      this.takeEvent(event, n);
    }
  }

  /** The changes as `put_rows` takes them, with the documents of the draft that they touch. */
  toJson(families: RowFamilies): Record<string, unknown[]> {
    const rows: Record<string, unknown[]> = {
      gone: this.gone.map(({ id, names, ...rest }) => ({ id: rowKey(id), names: names.map(rowKey), ...rest })),
      gone_runs: this.goneRuns,
      gone_agents: this.goneAgents,
      contacts: [...this.contacts].map(([id, { contact, ...birth }]) => ({
        ...{ id: rowKey(id), ...birth, body: JSON.stringify(contact) },
      })),
      aliases: [...this.aliases].map(([id, { n, contact_id }]) => ({
        ...{ id: rowKey(id), n, contact_id: rowKey(contact_id) },
      })),
      addresses: this.addresses.rows((key, id, n) => ({ key: rowKey(key), contact_id: rowKey(id), n })),
      evaluated: this.evaluated.rows((id, agent_id, row) => ({ agent_id, contact_id: rowKey(id), ...row })),
      run_people: this.runPeople.rows((id, run_id) => ({ contact_id: rowKey(id), run_id })),
      mentions: this.mentions.rows((name, n) => ({ name: rowKey(name), n: Number(n) })),
      keys: [...this.keys].map(([key, row]) => ({ key: rowKey(key), ...row })),
      nonces: [...this.nonces].map(([nonce, n]) => ({ nonce: rowKey(nonce), n })),
      decisions: [...this.decisions].map(([seq, n]) => ({ seq, n })),
      redactions: [...this.redactions].map(([seq, n]) => ({ seq, n })),
      agent_teams: [...this.teams.agent_teams.values()],
      agent_work: [...this.teams.agent_work.values()],
      ...bodiesOf(this.touched, families),
    };
    return Object.fromEntries(Object.entries(rows).filter(([, list]) => list.length > 0));
  }

  private takeEvent(event: Event, n: number): void {
    const { activity, agents } = this.touched;
    switch (event.type) {
      case 'contacts_saved':
        this.takeSaved(event, n);
        break;
      case 'events_recorded':
        for (const { contact_id } of event.events) activity.set(contact_id, n);
        break;
      case 'note_added':
        activity.set(event.note.contact_id, n);
        break;
      case 'results_recorded':
        this.takeResults(event, n);
        break;
      case 'actions_changed':
        this.takeChanges(event, n);
        break;
      case 'decisions_recorded':
        this.takeDecisions(event, n);
        break;
      case 'decisions_redacted':
        for (const seq of event.seqs) this.redactions.set(seq, n);
        break;
      case 'contact_deleted':
        this.takeDeleted(event, n);
        break;
      case 'agent_saved':
        agents.set(event.agent.id, { n, isSaved: true });
        break;
      case 'agent_deleted':
        this.takeAgentDeleted(event, n);
        break;
      default:
        this.takeOther(event, n);
    }
  }

  private takeOther(event: Event, n: number): void {
    const { threads, runs } = this.touched;
    switch (event.type) {
      case 'run_created':
        runs.set(event.run.id, n);
        for (const id of event.contact_ids ?? []) this.runPeople.set(id, event.run.id, true);
        break;
      case 'run_started':
        runs.set(event.run_id, n);
        for (const id of event.targets ?? []) this.runPeople.set(id, event.run_id, true);
        break;
      case 'run_ended':
      case 'targets_taken':
      case 'evaluation_leased':
        runs.set(event.run_id, n);
        break;
      case 'thread_talked':
        threads.set(event.thread.thread_id, n);
        break;
      case 'key_used': {
        const { tool, key, digest, id, at } = event;
        this.keys.set(`${tool} ${key}`, { n, body: JSON.stringify({ tool, digest, id, at }) });
        break;
      }
      case 'signed':
        this.nonces.set(event.proof.nonce, n);
    }
  }

  private takeChanges({ changes }: Event & { type: 'actions_changed' }, n: number): void {
    for (const { run_id, contact_id } of changes) {
      this.touchResult(run_id, contact_id, n);
      this.touched.ledger.set(contact_id, n);
    }
  }

  private takeDecisions({ entries }: Event & { type: 'decisions_recorded' }, n: number): void {
    for (const { seq, personal } of entries) {
      this.decisions.set(seq, n);
      if (personal) this.touched.ledger.set(personal.contact_id, n);
    }
  }

  private takeSaved({ contacts, aliases = [], part = 0 }: Event & { type: 'contacts_saved' }, n: number): void {
    for (const contact of contacts) {
      const { born = n, part: first = part, place = this.place } = this.contacts.get(contact.id) ?? {};
      this.place += 1;
      this.contacts.set(contact.id, { n, born, part: first, place, contact });
      if (contact.email) this.takeAddress(addressKey(contact.email), contact.id, n);
    }
    for (const [alias, contact_id] of aliases) this.aliases.set(alias, { n, contact_id });
  }

  /** The commit that brought an address first counts, as in the database: commits are written one by one, or together. */
  private takeAddress(key: string, id: string, n: number): void {
    if (this.addresses.get(key, id) === undefined) this.addresses.set(key, id, n);
  }

  private takeResults(event: Event & { type: 'results_recorded' }, n: number): void {
    const { run_id, agent_id, dry_run, revises, at, results } = event;
    this.touched.runs.set(run_id, n);
    if (results.some((result) => result.usage)) {
      const isSaved = this.touched.agents.get(agent_id)?.isSaved === true;
      this.touched.agents.set(agent_id, { n, isSaved });
    }
    for (const { contact_id, proposed_actions } of results) {
      this.touchResult(run_id, contact_id, n);
      this.runPeople.set(contact_id, run_id, true);
      if (dry_run) continue;
      if (revises === undefined) this.evaluated.set(contact_id, agent_id, { n, at });
      if (proposed_actions.length > 0) this.touched.ledger.set(contact_id, n);
    }
  }

  private touchResult(run_id: string, contact_id: string, n: number): void {
    const { born = n, place = this.place } = this.touched.results.get(contact_id, run_id) ?? {};
    this.place += 1;
    this.touched.results.set(contact_id, run_id, { n, born, part: 0, place });
  }

  private takeDeleted(event: Event & { type: 'contact_deleted' }, n: number): void {
    const { contact_id: id, run_ids: runs, agent_ids: agents = [], thread_ids = [] } = event;
    const names = namesOfDeleted(event);
    this.gone.push({ id, names, runs, agents });
    for (const [alias, { contact_id }] of this.aliases) {
      if (contact_id !== id) continue;
      this.aliases.delete(alias);
      this.mentions.deleteFirst(alias);
    }
    this.mentions.deleteFirst(id);
    this.touched.activity.delete(id);
    for (const name of names) {
      this.contacts.delete(name);
      this.addresses.deleteSecond(name);
      this.touched.ledger.delete(name);
      for (const agent of agents) this.evaluated.delete(name, agent);
      for (const run of runs) {
        this.touched.results.delete(name, run);
        this.runPeople.delete(name, run);
      }
    }
    for (const run of runs) this.touched.runs.set(run, n);
    for (const thread of thread_ids) this.touched.threads.set(thread, n);
  }

  private takeAgentDeleted({ agent_id, run_ids }: Event & { type: 'agent_deleted' }, n: number): void {
    this.goneAgents.push(agent_id);
    this.goneRuns.push(...run_ids);
    this.touched.agents.delete(agent_id);
    this.evaluated.deleteSecond(agent_id);
    for (const run of run_ids) {
      this.touched.results.deleteSecond(run);
      this.runPeople.deleteSecond(run);
      this.touched.runs.set(run, n);
    }
  }
}
