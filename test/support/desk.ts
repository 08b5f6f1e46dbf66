import { type InProcess, inProcess } from './in-process.ts';

export const DAY = 86_400_000;
export const EMAIL = { type: 'email_message', params: { subject: 'Hello {{ contact.firstname }}', message: 'Hi' } };
export const NOTE = { type: 'note', params: { body: 'Call {{ contact.firstname }}' } };

export type Row = {
  changed_since?: { what: string }[];
  also_changed?: { what: string }[];
  digest: string;
  run_id: string;
};

/** The tools over a house whose clock the test sets, and an agent that proposes. */
export class Desk {
  clock = Date.parse('2026-03-02T09:30:00Z');
  readonly on: InProcess = inProcess({ now: () => new Date(this.clock) });

  call(name: string, args?: Record<string, unknown>) {
    this.clock += 1_000;
    return this.on.call(name, args);
  }

  iso(since = 0): string {
    return new Date(this.clock + since).toISOString();
  }

  contact(fields: Record<string, unknown> = {}) {
    const contacts = [{ id: 'ann', email: 'ann@example.com', firstname: 'Ann', plan: 'trial', ...fields }];
    return this.call('import_contacts', { contacts });
  }

  heard(name: string, since = 0, more: Record<string, unknown> = {}) {
    const timestamp = this.iso(since);
    return this.call('import_contacts', {
      events: [{ contact_id: 'ann', type: 'track', name, timestamp, ...more }],
    });
  }

  async agent(more: Record<string, unknown> = {}, propose: object[] = [EMAIL]): Promise<string> {
    const playbook = { rules: [{ name: 'all', propose }] };
    const capabilities = ['email', 'notes', 'crm_sync'];
    const { agent } = await this.call('create_agent', { name: `Agent ${this.clock}`, capabilities, playbook, ...more });
    return agent.id;
  }

  async run(agent_id: string, contact_ids = ['ann']): Promise<string> {
    return (await this.call('trigger_agent', { agent_id, contact_ids, wait_seconds: 30 })).run_id;
  }

  async rows(run_id?: string): Promise<Row[]> {
    return (await this.call('list_pending_actions', { limit: 100, ...(run_id ? { run_id } : {}) })).actions;
  }

  async row(run_id: string): Promise<Row> {
    const [row] = await this.rows(run_id);
    if (!row) throw new Error('nothing waits');
    return row;
  }

  async moved(run_id: string): Promise<string[]> {
    return ((await this.row(run_id)).changed_since ?? []).map(({ what }) => what);
  }

  approve(run_id: string, expected_digest: string, action_index = 0) {
    return this.call('approve_action', { run_id, contact_id: 'ann', action_index, expected_digest });
  }

  async approveNow(run_id: string) {
    return this.approve(run_id, (await this.row(run_id)).digest);
  }
}

/** A desk with one contact, "ann", and a run of an agent that proposed for her. */
export async function aRun(more: Record<string, unknown> = {}, propose?: object[]) {
  const desk = new Desk();
  await desk.contact();
  const run_id = await desk.run(await desk.agent(more, propose));
  return { desk, run_id };
}
