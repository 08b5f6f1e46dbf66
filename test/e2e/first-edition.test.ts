import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { buildFirstEdition } from '../support/first-edition.ts';
import { onlyJson } from '../support/postgres/only-json.ts';
import { BUNDLE, baseEnv, type Connection, startServer } from '../support/server.ts';

let program: string;
beforeAll(() => {
  program = buildFirstEdition();
});

const NEWER = /newer Countersign/;

/** Imports one contact. Gives whether that was acknowledged. */
async function imports(server: Connection, id: string): Promise<boolean> {
  const { isError } = await server.raw('import_contacts', { contacts: [{ id }] });
  return !isError;
}

async function contactsIn(server: Connection): Promise<string[]> {
  const found: string[] = [];
  for (let isMore = true; isMore; ) {
    const page = await server.call('list_contacts', { limit: 100, offset: found.length });
    found.push(...page.contacts.map(({ id }: { id: string }) => id));
    isMore = page.has_next;
  }
  return found.sort();
}

/** An agent with a note that waits, made over the first edition; the arguments that approve it there. */
async function proposed(server: Connection, ...contacts: string[]): Promise<Record<string, unknown>> {
  for (const id of contacts) await imports(server, id);
  const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: 'x' } }] }];
  const { agent } = await server.call('create_agent', { name: 'A', capabilities: ['notes'], playbook: { rules } });
  const { run_id } = await server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 10 });
  return { run_id, contact_id: 'p0', action_index: 0 };
}

const markerOf = (home: string) => JSON.parse(fs.readFileSync(path.join(home, 'home.json'), 'utf8'));

function linesOf(home: string): string[] {
  const log = path.join(home, 'log');
  const names = fs.readdirSync(log).sort();
  return names.flatMap((name) => fs.readFileSync(path.join(log, name), 'utf8').split('\n'));
}

function commandOn(home: string, ...args: string[]): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, [BUNDLE, ...args], { env: baseEnv(home), encoding: 'utf8' });
}

onlyJson('a home of files, as the first edition wrote it').describe('a home of the first edition', () => {
  it('opens with all that it holds, and a process of that edition that still runs refuses at its next call', async () => {
    const first = await startServer({ program });
    const { home } = first;
    const waiting = await proposed(first, 'p0');
    expect(markerOf(home)).toEqual({ format: 1 });
    const second = await startServer({ home });
    expect(await contactsIn(second)).toEqual(['p0']);
    const { actions } = await second.call('list_pending_actions');
    expect(actions).toMatchObject([{ type: 'note', contact_id: 'p0' }]);
    expect(markerOf(home)).toEqual({ format: 2 });
    const before = linesOf(home);
    for (let times = 0; times < 2; times++) {
      expect(await first.refusal('approve_action', waiting)).toMatchObject({
        code: 'STORE_ERROR',
        message: expect.stringMatching(NEWER),
      });
      expect(await imports(first, `late${times}`)).toBe(false);
      expect((await first.refusal('list_contacts')).message).toMatch(NEWER);
    }
    expect(linesOf(home)).toEqual(before);
    const [row] = actions;
    await second.call('approve_action', { ...waiting, expected_digest: row.digest });
    await Promise.all([first.close(), second.close()]);
    const { status, stdout } = commandOn(home, 'audit');
    expect([status, stdout]).toEqual([0, expect.stringContaining('whole')]);
  });

  it('is refused too where a timer of that process comes upon the new format first', async () => {
    const first = await startServer({ program });
    await imports(first, 'p0');
    const second = await startServer({ home: first.home });
    expect(await contactsIn(second)).toEqual(['p0']);
    // The first edition writes its snapshots a second and a half after a commit, and then reads what came since.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(await imports(first, 'late')).toBe(false);
    expect((await first.refusal('list_contacts')).message).toMatch(NEWER);
    expect(await contactsIn(second)).toEqual(['p0']);
    await Promise.all([first.close(), second.close()]);
  });

  it('keeps its decisions and erasures, which are told apart from those of this edition, and its heads', async () => {
    const first = await startServer({ program });
    const { home } = first;
    const ref = await proposed(first, 'p0', 'p1');
    await first.call('approve_action', ref);
    await first.call('approve_action', { ...ref, contact_id: 'p1' });
    await first.call('delete_contact', { contact_id: 'p1' });
    await first.close();
    const audit = spawnSync(process.execPath, [program, 'audit'], { env: baseEnv(home), encoding: 'utf8' });
    const head = /^head: (\w+)$/m.exec(audit.stdout)?.[1] ?? 'none';
    const unraised = commandOn(home, 'audit', '--expect-head', head);
    expect(unraised).toMatchObject({ status: 0, stdout: expect.stringContaining('by the first edition') });
    const second = await startServer({ home });
    await second.call('delete_contact', { contact_id: 'p0' });
    await second.close();
    const newHead = /^head: (\S+)$/m.exec(unraised.stdout)?.[1] ?? 'none';
    for (const expected of [head, newHead]) {
      const { status, stdout } = commandOn(home, 'audit', '--expect-head', expected);
      expect([status, stdout]).toEqual([0, expect.stringMatching(/by the first edition.*whole/s)]);
      expect(stdout).toContain('0 recomputed, 0 erased, 2 from before');
    }
  });

  it('has the objections of its columns as flags, each with its column, and nobody who objects is written to', async () => {
    const first = await startServer({ program });
    const { home } = first;
    const csv = [
      'id,email,Unsubscribed,Lead Status,CLEAN_TIME,Preferences',
      'out,out@example.com,Yes,New,,',
      'stage,stage@example.com,,Do Not Contact,,',
      'bounce,bounce@example.com,,New,2025-11-02 10:00:00,',
      'fine,fine@example.com,No,New,,weekly',
    ].join('\n');
    await first.call('import_contacts', { csv });
    await first.call('import_contacts', {
      contacts: [{ id: 'trait', email: 'trait@example.com', settings: { unsubscribed: true } }],
    });
    await first.close();
    const second = await startServer({ home });
    const flagsOf = async (contact_id: string) => {
      const { contact } = await second.call('get_contact', { contact_id });
      const sources = (contact.consent_sources ?? []).map(({ column, value, import_id }: Record<string, unknown>) => [
        column,
        value,
        import_id,
      ]);
      return [contact.do_not_email, contact.bounced ?? false, sources];
    };
    expect(await flagsOf('out')).toEqual([true, false, [['Unsubscribed', 'Yes', 'before']]]);
    expect(await flagsOf('stage')).toEqual([true, false, [['Lead Status', 'Do Not Contact', 'before']]]);
    expect(await flagsOf('bounce')).toEqual([false, true, [['CLEAN_TIME', '2025-11-02 10:00:00', 'before']]]);
    expect(await flagsOf('trait')).toEqual([true, false, [['settings.unsubscribed', 'true', 'before']]]);
    expect(await flagsOf('fine')).toEqual([false, false, []]);
    const rules = [{ name: 'all', propose: [{ type: 'email_message', params: { subject: 's', message: 'm' } }] }];
    const { agent } = await second.call('create_agent', { name: 'W', capabilities: ['email'], playbook: { rules } });
    await second.call('trigger_agent', { agent_id: agent.id, wait_seconds: 20 });
    const { actions } = await second.call('list_pending_actions');
    expect(actions.map(({ contact_id }: { contact_id: string }) => contact_id)).toEqual(['fine']);
    await second.close();
    expect(commandOn(home, 'audit').status).toBe(0);
  });

  it('is refused by a process of that edition that starts later', async () => {
    const second = await startServer();
    await imports(second, 'p0');
    const first = await startServer({ home: second.home, program });
    expect((await first.refusal('list_contacts')).message).toMatch(NEWER);
    await Promise.all([first.close(), second.close()]);
  });

  it('is only read by audit, doctor and a server that may only read, and keeps its format', async () => {
    const first = await startServer({ program });
    const { home } = first;
    await proposed(first, 'p0');
    const before = linesOf(home);
    for (const command of ['audit', 'doctor']) expect(commandOn(home, command)).toMatchObject({ status: 0 });
    const onlooker = await startServer({ home, env: { COUNTERSIGN_READ_ONLY: '1' } });
    expect(await contactsIn(onlooker)).toEqual(['p0']);
    await onlooker.close();
    expect([markerOf(home), linesOf(home)]).toEqual([{ format: 1 }, before]);
    expect(await imports(first, 'p1')).toBe(true);
    await first.close();
  });

  it('acknowledges nothing that a process of that edition writes right behind what raised it', async () => {
    const first = await startServer({ program });
    const { home } = first;
    await imports(first, 'p0');
    await first.close();
    const { CommitLog } = await import(path.join(path.dirname(program), '../src/store/json/log.ts'));
    const late = new CommitLog(path.join(home, 'log'), { writer: 'late' });
    late.open();
    const second = await startServer({ home });
    expect(await contactsIn(second)).toEqual(['p0']);
    const draft = { at: '2026-11-30T00:00:00.000Z', by: 'late', events: [] };
    expect(() => late.append(draft, () => undefined)).toThrow();
    late.close();
    expect(await imports(second, 'p1')).toBe(true);
    await second.close();
    expect(commandOn(home, 'audit').status).toBe(0);
  });

  it('loses nothing that either edition acknowledged while it was raised', async () => {
    const first = await startServer({ program });
    await imports(first, 'p0');
    const acknowledged = ['p0'];
    const refused: string[] = [];
    let isOver = false;
    const writes = (async () => {
      for (let i = 0; !isOver; i++) ((await imports(first, `old${i}`)) ? acknowledged : refused).push(`old${i}`);
    })();
    const second = await startServer({ home: first.home });
    for (let i = 0; i < 20; i++) if (await imports(second, `new${i}`)) acknowledged.push(`new${i}`);
    isOver = true;
    await writes;
    expect(await imports(first, 'late')).toBe(false);
    // Of the call under way at that moment the first edition may say that it failed, although it was written.
    const [uncertain] = refused;
    const contacts = await contactsIn(second);
    expect(contacts.filter((id) => id !== uncertain)).toEqual(acknowledged.sort());
    await Promise.all([first.close(), second.close()]);
    const { status, stdout } = commandOn(first.home, 'doctor');
    expect([status, stdout]).toEqual([0, expect.stringContaining('ok\n')]);
  });
});
