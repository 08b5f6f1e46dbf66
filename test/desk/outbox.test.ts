import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { aServedTeam, decideFirst, runOf } from '../support/desk-team.ts';

describe('messages in the outbox', () => {
  it('are shown as they are read, go to the person’s own program as a file, and to nobody who doesn’t see the agent', async () => {
    const { server, owner, member, secret } = await aServedTeam();
    await runOf(server, secret);
    const ref = await decideFirst(owner, secret, 'approve');
    await expect.poll(async () => (await owner.get('/desk/outbox')).json.total).toBe(1);
    const [row] = (await owner.get('/desk/outbox')).json.files;
    expect(row).toMatchObject({ ...ref, agent_name: 'Zqprivatez', action: { status: 'executed' } });
    expect(row.lines).toContainEqual(['Message', 'Zqsecretz']);
    const query = new URLSearchParams({ ...ref, action_index: String(ref.action_index) });
    const file = await owner.get(`/desk/outbox/file?${query}`);
    expect(file.headers.get('content-type')).toBe('message/rfc822');
    expect(file.headers.get('content-disposition')).toBe(`attachment; filename="${row.file}"`);
    expect(file.headers.get('x-content-type-options')).toBe('nosniff');
    expect(file.text).toContain('To: ann <ann@example.com>');
    expect((await member.get('/desk/outbox')).json).toMatchObject({ files: [], total: 0 });
    expect((await member.get(`/desk/outbox/file?${query}`)).status).toBe(404);
    fs.rmSync(path.join(server.home, 'outbox', row.file));
    expect((await owner.get(`/desk/outbox/file?${query}`)).status).toBe(404);
  });

  it('are settled as sent or not by the person who sent them, and by no plain call', async () => {
    const { server, owner, secret } = await aServedTeam();
    await runOf(server, secret);
    const refs = [await decideFirst(owner, secret, 'approve'), await decideFirst(owner, secret, 'approve')];
    await expect.poll(async () => (await owner.get('/desk/outbox')).json.total).toBe(2);
    const [ref] = refs;
    const plain = await server.call('settle_action', { ...ref, outcome: 'sent' }).catch(String);
    expect(String(plain)).toContain('settle_action takes unknown ones');
    const [newer, older] = (await owner.get('/desk/outbox')).json.files;
    const settle = ({ run_id, contact_id, action_index, digest, nonce }: Record<string, unknown>, outcome: string) =>
      owner.post('/desk/settle', { ref: { run_id, contact_id, action_index }, digest, nonce, outcome });
    const sent = await settle(older, 'sent');
    expect(sent.json.action).toMatchObject({
      ...{ status: 'executed', decided_via: 'human' },
      result: {
        channel: 'outbox',
        path: expect.stringContaining(older.file),
        note: expect.stringMatching(/^A person/),
      },
    });
    expect((await settle(older, 'sent')).status).toBe(409);
    expect((await settle(newer, 'not_sent')).json.action).toMatchObject({
      status: 'failed',
      error: { code: 'NOT_SENT' },
    });
    const left = (await owner.get('/desk/outbox')).json;
    expect(left.files).toMatchObject([
      { file: older.file, sent: expect.stringContaining('A person says it was sent') },
    ]);
    const { decisions } = (await owner.get('/desk/log')).json;
    expect(decisions.slice(0, 2)).toMatchObject([
      { decision: 'settled_not_sent', via: 'human' },
      { decision: 'settled_sent', via: 'human' },
    ]);
    expect((await server.house.store.audit()).faults).toEqual([]);
    expect((await owner.get(`/desk/runs/${newer.run_id}`)).json.run.summary).toMatchObject({
      ...{ actions_approved: 2, actions_executed: 1, actions_failed: 1 },
    });
  });

  it('are no files that somebody else put there', async () => {
    const { server, owner } = await aServedTeam();
    fs.mkdirSync(path.join(server.home, 'outbox'));
    fs.writeFileSync(path.join(server.home, 'outbox', `run_1-${'a'.repeat(32)}-0.eml`), 'From: x\n');
    fs.symlinkSync('/etc/passwd', path.join(server.home, 'outbox', `run_2-${'a'.repeat(32)}-0.eml`));
    expect((await owner.get('/desk/outbox')).json).toMatchObject({ files: [], total: 0 });
    const bad = await owner.get('/desk/outbox/file?run_id=../..&contact_id=x&action_index=0');
    expect(bad.status).toBe(404);
  });
});
