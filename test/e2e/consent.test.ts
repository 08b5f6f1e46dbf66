import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { BUNDLE, baseEnv, startServer, temporaryHome } from '../support/server.ts';
import { openReview } from '../support/terminal.ts';

it('countersign consent lifts objections for whoever types the code at a terminal, and for nobody else', async () => {
  const home = temporaryHome();
  const server = await startServer({ home });
  await server.call('import_contacts', {
    csv: 'id,email,Unsubscribed\n1,mira@alder.example,yes\n2,Mira@Alder.example,no\n',
  });
  const objects = async () => (await server.call('get_contact', { contact_id: '1' })).contact.do_not_email;
  const piped = spawnSync(process.execPath, [BUNDLE, 'consent', 'mira@alder.example'], {
    env: baseEnv(home),
    encoding: 'utf8',
  });
  expect(piped).toMatchObject({ status: 1, stderr: expect.stringContaining('in a terminal only') });
  expect(await objects()).toBe(true);
  const terminal = openReview(home, { command: 'consent', args: ['MAILTO:Mira@alder.example'] });
  await terminal.until('1 contact has an objection by the address mira@alder.example');
  await terminal.until('Unsubscribed says "yes"');
  const [, code = ''] = await terminal.until(/Type (\w{4}) to go ahead/);
  terminal.type(code);
  await terminal.until('Lifted for 1 contact');
  expect(await terminal.exit).toBe(0);
  expect(await objects()).toBe(false);
  await server.close();
});
