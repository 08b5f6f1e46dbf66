import { describe, expect, it } from 'vitest';
import { softPasskey } from '../support/authenticator.ts';
import { fragmentIn, type Visitor, visited } from '../support/desk-visitor.ts';
import { fakeBrowser } from '../support/fake-browser.ts';
import { NOTE, waits } from '../support/person.ts';
import { command, serve } from '../support/served.ts';
import { startServer, temporaryHome } from '../support/server.ts';
import { openReview, type TestTerminal } from '../support/terminal.ts';

async function typesCode(terminal: TestTerminal) {
  const [, code = ''] = await terminal.until(/Type (\w{4}) to go ahead/);
  terminal.type(code);
}

/** A served home, and the passkey commands of its owner, at a terminal. */
async function anOwner() {
  const browser = fakeBrowser();
  const home = temporaryHome();
  await serve({ home });
  const passkey = (...args: string[]) => openReview(home, { command: 'passkey', args, env: browser.env });
  return { home, browser, passkey };
}

/** Has the person's device make a passkey, on the page that a link opened. */
async function enrolled(visitor: Visitor, link: string, { demand_signed = false, by_button = false } = {}) {
  const device = softPasskey();
  const options = await visitor.post('/desk/passkeys/options', { name: 'Key' });
  expect(options).toMatchObject({ status: 200 });
  const response = device.create(options.json, { origin: new URL(link).origin });
  const added = await visitor.post('/desk/passkeys', { name: 'Key', response, demand_signed });
  expect(added).toMatchObject({ status: 200, json: { passkeys: [{ name: 'Key', by_button }] } });
  return String(added.json.passkeys[0].id);
}

/** A passkey that the owner added by the command. */
async function added({ browser, passkey }: Awaited<ReturnType<typeof anOwner>>, demand_signed = false) {
  const terminal = passkey('add', 'My', 'key');
  await typesCode(terminal);
  const link = await browser.opened();
  expect(await terminal.exit).toBe(0);
  expect(terminal.raw()).not.toContain(String(fragmentIn(link).get('ticket')));
  const visitor = await visited(link);
  expect(visitor.entry).toMatchObject({ kind: 'passkey', name: 'My key' });
  return enrolled(visitor, link, { demand_signed });
}

describe('countersign passkey', () => {
  it('opens the page where the first passkey is made, lists it, and removes it by a code', async () => {
    const owner = await anOwner();
    const id = await added(owner);
    const listing = owner.passkey('list');
    await listing.until(`${id} · Key · added `);
    await listing.until('Whatever leaves the machine needs no signature.');
    expect(await listing.exit).toBe(0);
    const removal = owner.passkey('remove', id);
    await typesCode(removal);
    await removal.until('It is removed.');
    expect(await removal.exit).toBe(0);
    const after = owner.passkey('list');
    await after.until('You have no passkey yet');
    await after.exit;
    expect(command(owner.home, ['audit']).stdout).toContain('passkey_removed 1');
  });

  it('removes none while whatever leaves the machine has to be signed', async () => {
    const owner = await anOwner();
    const id = await added(owner, true);
    const removal = owner.passkey('remove', id);
    await removal.until('only a passkey removes one');
    await removal.until('countersign open');
    expect(await removal.exit).toBe(1);
  });

  it('removes none where an agent’s proposals have to be signed', async () => {
    const owner = await anOwner();
    const id = await added(owner);
    const server = await startServer({ home: owner.home });
    await server.call('import_contacts', { contacts: [{ id: 'p', email: 'p@example.com' }] });
    await waits(server, NOTE, { approval: { min_proof: 'signed' } });
    const removal = owner.passkey('remove', id);
    await removal.until(/has to be signed, so only\s+a passkey removes one/);
    expect(await removal.exit).toBe(1);
    await server.close();
  });

  it('does nothing for another code, outside of a terminal, or in the shell of an assistant', async () => {
    const { home, browser, passkey } = await anOwner();
    const terminal = passkey('add');
    await terminal.until('to go ahead');
    terminal.type('no');
    await terminal.until('No passkey was touched.');
    expect(await terminal.exit).toBe(1);
    expect(command(home, ['passkey', 'add'], browser.env)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('works in a terminal only'),
    });
    const shell = openReview(home, { command: 'passkey', args: ['add'], env: { ...browser.env, CLAUDECODE: '1' } });
    await shell.until("takes a person's word");
    expect(await shell.exit).toBe(1);
    expect(browser.links()).toEqual([]);
  });

  it('brings one of a team to the desk that is served elsewhere, where theirs comes by the button', async () => {
    const [served, browser] = [await serve(), fakeBrowser()];
    const env = { ...browser.env, COUNTERSIGN_TOKEN: served.token('kim') };
    const args = ['add', served.url, 'Work', 'key'];
    const terminal = openReview(temporaryHome(), { command: 'passkey', args, env });
    await terminal.until('by the button there');
    await typesCode(terminal);
    const link = await browser.opened();
    expect(await terminal.exit).toBe(0);
    expect(new URL(link).origin).toBe(served.url);
    const visitor = await visited(link);
    expect(visitor.entry).toMatchObject({ kind: 'passkey', name: 'Work key' });
    expect((await visitor.get('/desk/me')).json.person).toMatchObject({ name: 'kim' });
    const id = await enrolled(visitor, link, { by_button: true });
    expect(command(served.home, ['audit']).stdout).toContain('passkey_added 1');
    // They lost it: whoever sits at the home's machine takes it away.
    const listing = openReview(served.home, { command: 'passkey', args: ['list'] });
    await listing.until(`${id} · Key · of kim · added `);
    expect(await listing.exit).toBe(0);
    const removal = openReview(served.home, { command: 'passkey', args: ['remove', id] });
    await removal.until(/Whoever has it adds another one by the button of their\s+desk/);
    await typesCode(removal);
    await removal.until('It is removed.');
    expect(await removal.exit).toBe(0);
    expect((await visitor.get('/desk/me')).json).toMatchObject({ passkeys: [], may_enrol: true });
  });
});
