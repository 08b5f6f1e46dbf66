import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { audit } from '../../src/commands/audit.ts';
import { deleteContact } from '../../src/engine/contacts/delete-contact.ts';
import { setSigning } from '../../src/engine/passkeys/enrol.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { decideRefs } from '../../src/engine/review/bulk.ts';
import { settleAction } from '../../src/engine/review/settle.ts';
import { settingsOf } from '../../src/process/environment.ts';
import { type Algorithm, softPasskey } from '../support/authenticator.ts';
import { readPage } from '../support/pages.ts';
import { EMAIL_TO_ALL, HOOK_FOR_ALL, MAYA, SigningHome, signed, teammate } from '../support/signing.ts';

/** The script of the page, which anybody can run. */
function scriptOfPage(): string {
  const [, script] = /```js\n([\s\S]*?)```/.exec(readPage('docs/signatures.md')) ?? [];
  if (script === undefined) throw new Error('the page has no script');
  return script;
}

async function exported(home: SigningHome, format: string): Promise<string> {
  const settings = settingsOf({ COUNTERSIGN_HOME: home.home }, '/');
  if ('problem' in settings) throw new Error(settings.problem);
  const said: string[] = [];
  const say = (text: string) => {
    said.push(text);
  };
  await audit(settings, ['--export', format], { say, tell: () => undefined, endWith: () => undefined });
  return said.join('');
}

/** Runs the page's script over an export, as a third party does who has nothing of ours. */
function verified(home: SigningHome, jsonl: string): { status: number | null; lines: string[] } {
  const script = path.join(home.home, 'verify.mjs');
  const file = path.join(home.home, 'decisions.jsonl');
  fs.writeFileSync(script, scriptOfPage());
  fs.writeFileSync(file, jsonl);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, file], { encoding: 'utf8', cwd: home.home });
  expect(stderr).toBe('');
  return { status, lines: stdout.split('\n').filter((line) => line !== '') };
}

/** A home in which much was signed, by people with passkeys of this kind. */
async function aSignedHome(algorithm: Algorithm = 'ES256') {
  const home = new SigningHome();
  await home.contacts(3);
  const soft = await home.enrol(MAYA, { soft: softPasskey(algorithm), demand_signed: true });
  const bo = teammate('p_bo');
  const others = await home.enrol(bo, { soft: softPasskey(algorithm) });
  const refs = await home.proposed({}, [EMAIL_TO_ALL]);
  const [one, two, three] = await Promise.all(refs.map(async (ref) => ({ ...ref, digest: await home.digest(ref) })));
  if (!one || !two || !three) throw new Error('nothing waits');
  const proof = signed(soft, 'approve', one.digest, two.digest);
  await decideRefs(home.house, MAYA, [one, two], { decision: 'approve', via: 'signed', proof });
  const ofBo = signed(others, 'approve', three.digest);
  const expected_digest = three.digest;
  await approve(home.house, bo, { ...three, expected_digest, via: 'signed', proof: ofBo }, 5);
  await home.settled();
  await home.enrol(MAYA, { by: soft });
  await setSigning(home.house, MAYA, { on: false, via: 'signed', proof: signed(soft, 'signing_off', 'signing') });
  return { home, soft };
}

type Entry = Record<string, unknown> & { proof?: Record<string, unknown> };

describe('an export of what was signed', () => {
  it.each<Algorithm>(['ES256', 'RS256', 'EdDSA'])('is verified by the page’s script alone: %s', async (algorithm) => {
    const { home } = await aSignedHome(algorithm);
    const { status, lines } = verified(home, await exported(home, 'jsonl'));
    expect({ status, lines }).toEqual({
      status: 0,
      lines: [
        ...['entry 4: approved, signed by maya', 'entry 5: approved, signed by maya'],
        'entry 6: approved, signed by p_bo',
        ...['entry 7: passkey_added, signed by maya', 'entry 8: signing_off, signed by maya'],
      ],
    });
  });

  it('says of a retry which attempt was signed', async () => {
    const home = new SigningHome();
    await home.contacts(1);
    const soft = await home.enrol();
    const [ref] = await home.proposed({}, [HOOK_FOR_ALL]);
    if (!ref) throw new Error('nothing waits');
    const digest = await home.digest(ref);
    const proof = signed(soft, 'approve', digest);
    await approve(home.house, MAYA, { ...ref, expected_digest: digest, via: 'signed', proof }, 5);
    await expect.poll(async () => (await home.row(ref)).action.status).toBe('unknown');
    const again = await home.digest(ref);
    const said = { outcome: 'retry' as const, expected_digest: again, via: 'signed' as const };
    await settleAction(home.house, MAYA, { ...ref, ...said, proof: signed(soft, 'retry', again) });
    const { status, lines } = verified(home, await exported(home, 'jsonl'));
    expect({ status, last: lines.at(-1) }).toEqual({ status: 0, last: 'entry 3: retried, signed by maya' });
  });

  it.each<[string, (entry: Entry) => void]>([
    ['the decision', (entry) => Object.assign(entry, { decision: 'rejected' })],
    ['the digest', (entry) => Object.assign(entry, { digest: 'another' })],
    ['the nonce', (entry) => Object.assign(entry.proof ?? {}, { nonce: 'another' })],
    ['the person', (entry) => Object.assign(entry, { person: 'p_bo' })],
    ['the key', (entry) => Object.assign(entry.proof ?? {}, { publicKey: softPasskey().publicKey })],
    ['the signature', (entry) => Object.assign(entry.proof ?? {}, { signature: entry.proof?.authenticatorData })],
    ['what it was made of', (entry) => Object.assign(entry, { personal: { made_of: { action: ['note'] } } })],
  ])('no longer holds where somebody altered %s', async (_, alter) => {
    const { home } = await aSignedHome();
    const entries: Entry[] = (await exported(home, 'jsonl'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    const entry = entries.find(({ seq }) => seq === 4);
    if (!entry) throw new Error('no entry 4');
    alter(entry);
    const { status, lines } = verified(home, entries.map((one) => JSON.stringify(one)).join('\n'));
    expect(status).toBe(1);
    expect(lines.filter((line) => line.startsWith('entry 4:')).join()).not.toContain('signed by');
  });

  it('is verified after an erasure too', async () => {
    const { home } = await aSignedHome();
    await deleteContact(home.house, 'test', 'p0');
    const jsonl = await exported(home, 'jsonl');
    expect(jsonl).not.toContain('p0@example.com');
    expect(verified(home, jsonl)).toMatchObject({ status: 0 });
  });

  it('has the same in CSV, each proof in one cell', async () => {
    const { home, soft } = await aSignedHome();
    const rows: Record<string, string>[] = parse(await exported(home, 'csv'), { columns: true });
    expect(JSON.parse(rows[3]?.proof ?? '')).toMatchObject({ decision: 'approve', publicKey: soft.publicKey });
    expect(JSON.parse(rows[3]?.made_of ?? '')).toMatchObject({ action: ['email_message', {}, 'p0@example.com', null] });
    expect(JSON.parse(rows[0]?.passkey ?? '')).toMatchObject({ public_key: soft.publicKey, how: 'ticket' });
  });
});
