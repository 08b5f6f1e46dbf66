import fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chance } from '../support/chance.ts';
import { PEOPLE } from '../support/fixtures.ts';
import { outboxFolder } from '../support/postgres/outbox-folder.ts';
import { type Connection, startServer } from '../support/server.ts';

let server: Connection;
beforeAll(async () => {
  server = await startServer();
  await server.call('import_contacts', { contacts: PEOPLE });
});
afterAll(() => server.close());

async function noter(): Promise<string> {
  const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: '{{ contact.id }}' } }] }];
  const { agent } = await server.call('create_agent', { name: 'Noter', capabilities: ['notes'], playbook: { rules } });
  return agent.id;
}

describe('contacts', () => {
  it('are found by filter and query, newest first, with the fields asked for', async () => {
    const found = await server.call('list_contacts', { filter: { score: { $gte: 10, $lt: 13 } }, fields: ['score'] });
    expect(found.contacts.map((contact: { score: number }) => contact.score)).toEqual([12, 11, 10]);
    expect(
      (await server.call('list_contacts', { query: 'R1@EXAMPLE' })).contacts.map(
        (contact: { id: string }) => contact.id,
      ),
    ).toEqual(['r01']);
  });

  it('change nothing in a dry run or when imported again, and set consent but never clear it', async () => {
    const csv = 'ID,Email,Do Not Email\nq1,q1@example.com,yes\nq2,bad address,no\n,,no\n';
    expect(await server.call('import_contacts', { csv, dry_run: true })).toMatchObject({ created: 1, error_count: 2 });
    expect((await server.call('list_contacts', { query: 'q1' })).total).toBe(0);
    const first = await server.call('import_contacts', { csv });
    expect(first.errors.map((error: { row: number }) => error.row)).toEqual([2, 3]);
    expect(await server.call('import_contacts', { csv })).toMatchObject({ created: 0, updated: 0, unchanged: 1 });
    expect(await server.call('import_contacts', { csv: 'id,do_not_email\nq1,no\n' })).toMatchObject({
      unchanged: 1,
      kept_consent: 1,
    });
    expect((await server.call('get_contact', { contact_id: 'q1' })).contact.do_not_email).toBe(true);
  });

  it('have the longest ids and addresses that there may be, in any letters; longer ones are refused by their row', async () => {
    const chance = new Chance(7);
    // Letters of three bytes, which no compression makes shorter: a database has the least room for such keys.
    const letters = (count: number) =>
      Array.from({ length: count }, () => String.fromCharCode(0x4e00 + chance.below(20_000))).join('');
    const [id, alias, local] = [letters(200), letters(200), letters(242)];
    const email = `${local}@example.com`;
    const tooLong = [{ id: letters(201) }, { id: 'long', email: `${letters(5_000)}@example.com` }];
    const contacts = [{ email }, { id, email: `x${email.slice(1)}` }, { id: '\\'.repeat(200) }, ...tooLong];
    expect(await server.call('import_contacts', { contacts })).toMatchObject({
      created: 3,
      errors: [{ row: 4 }, { row: 5 }],
    });
    expect(await server.call('import_contacts', { contacts: [{ id: alias, email }] })).toMatchObject({ unchanged: 1 });
    expect((await server.call('get_contact', { contact_id: alias })).contact.email).toBe(email);
    const found = async (filter: object) => (await server.call('list_contacts', { filter })).total;
    expect([await found({ email }), await found({ email: `${letters(5_000)}@example.com` })]).toEqual([1, 0]);
  });

  it('stay one person when an import by id follows one by email, consent included', async () => {
    await server.call('import_contacts', { contacts: [{ email: 'alias@example.com', do_not_contact: true }] });
    expect(await server.call('import_contacts', { csv: 'id,email\nE1,alias@example.com\n' })).toMatchObject({
      created: 0,
      unchanged: 1,
    });
    const events = [{ contact_id: 'E1', type: 'page', properties: { path: '/' }, timestamp: '2026-01-02T03:04:05Z' }];
    expect(await server.call('import_contacts', { events })).toMatchObject({ created: 0, events_recorded: 1 });
    expect(await server.call('get_contact', { contact_id: 'E1' })).toMatchObject({
      contact: { email: 'alias@example.com', do_not_contact: true },
      events: [{ type: 'page' }],
    });
    const run = await server.call('trigger_agent', {
      agent_id: await noter(),
      contact_ids: ['E1', 'alias@example.com'].slice(0, 1),
    });
    expect(run.summary.contacts_evaluated).toBe(1);
  });

  it('are erased with what is known of them', async () => {
    await server.call('import_contacts', {
      contacts: [{ id: 'gone', email: 'gone@example.com' }],
      events: [{ contact_id: 'gone', type: 'page', properties: {} }],
    });
    const run = await server.call('trigger_agent', { agent_id: await noter(), contact_ids: ['gone'] });
    await server.call(
      'approve_action',
      await server.shown({ run_id: run.run_id, contact_id: 'gone', action_index: 0 }),
    );
    expect(await server.call('delete_contact', { contact_id: 'gone' })).toMatchObject({
      contact_id: 'gone',
      erased: { events: 1, notes: 1, results: 1 },
      redacted: { decisions: 1 },
    });
    expect(await server.refusal('get_contact', { contact_id: 'gone' })).toMatchObject({ code: 'NOT_FOUND' });
    expect((await server.call('get_run', { run_id: run.run_id })).total).toBe(0);
  });

  it('are erased from the outbox, and from nobody else’s', async () => {
    await server.call('import_contacts', {
      contacts: ['out1', 'out2'].map((id) => ({ id, email: `${id}@example.com` })),
    });
    const rules = [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 's', message: 'm' } }] }];
    const { agent } = await server.call('create_agent', { name: 'Out', capabilities: ['email'], playbook: { rules } });
    const { run_id } = await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['out1', 'out2'] });
    for (const contact_id of ['out1', 'out2'])
      await server.call('approve_action', await server.shown({ run_id, contact_id, action_index: 0 }));
    const written = () => fs.readdirSync(outboxFolder(server.home)).filter((name) => name.startsWith(run_id));
    expect(written()).toHaveLength(2);
    await server.call('delete_contact', { contact_id: 'out1' });
    expect(written()).toHaveLength(1);
  });

  it('are read within what a client takes, however much there is of them', async () => {
    const text = 'word '.repeat(1_500);
    const events = Array.from({ length: 40 }, (_, i) => ({
      contact_id: 'much',
      type: 'track',
      name: `e${i}`,
      properties: { text },
    }));
    await server.call('import_contacts', { contacts: [{ id: 'much' }], events });
    const read = await server.call('get_contact', { contact_id: 'much' });
    expect(read).toMatchObject({ truncated: 'size', unified_profile: { event_count: 40 } });
    expect(read.events.length).toBeLessThan(4);
  });
});
