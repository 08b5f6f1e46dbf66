import { parse as parseToml } from '@decimalturn/toml-patch';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { CLIENTS } from '../../src/install/clients.ts';
import { clientReport } from '../../src/install/report.ts';
import { aClientHome, LAUNCH } from '../support/client-home.ts';

const DECIDING = ['approve_action', 'review_actions', 'settle_action'];

/** The client's line, and the warnings, that a doctor who works on `home` has for somebody's home directory. */
async function doctorOf({ home }: { home: string }, title: string, ownHome = '/data/it') {
  const { lines, warnings } = await clientReport({ platform: 'linux', home, env: {} }, ownHome);
  return { line: lines.find((each) => each.startsWith(`client ${title}: `)) ?? '', warnings };
}

describe('the doctor, for each client', () => {
  it.each(CLIENTS)('says what it can give, before installing and after: $id', async (client) => {
    const { id, title, drawsForms, asks, asksByRule = asks, toggle } = client;
    const person = aClientHome(id);
    const [sign = ''] = client.signs({ platform: 'linux', home: person.home, env: {} });
    expect((await doctorOf(person, title)).line).toBe('');
    person.write(`${sign}${sign.endsWith('.json') ? '' : '/any'}`, '{}');
    const proof = drawsForms ? 'your yes comes by a form (elicited)' : 'no forms (client): decide at the desk';
    const before = await doctorOf(person, title);
    expect(before.line).toContain(`not installed (countersign install ${id})`);
    for (const part of [proof, `asks ${asks} ·`, `switch: ${toggle}`]) expect(before.line).toContain(part);
    await person.install();
    const after = await doctorOf(person, title);
    for (const part of ['installed as "countersign", home /data/it ·', proof, `asks ${asksByRule} ·`])
      expect(after.line).toContain(part);
    expect((await doctorOf(person, title, '/data/other')).line).toContain('/data/it (another one)');
    // The program that LAUNCH names is nowhere.
    expect(after.warnings.filter((warning) => !warning.includes("isn't there"))).toEqual([]);
  });

  it.each(CLIENTS.filter(({ asksByRule }) => asksByRule !== undefined))(
    'warns where one of three rules is gone: $id',
    async ({ id, title, asks }) => {
      const person = aClientHome(id);
      await person.install();
      const file =
        person.files().find((each) => person.read(each).includes('review_actions')) ?? person.files()[1] ?? '';
      person.write(
        file,
        person
          .read(file)
          .replace(/^.*review_actions"?(?:: "ask")?,?\n/m, '')
          .replace('"review_actions", ', '')
          .replace(/\n.*toolAutoApprove.*/, ''),
      );
      const { line, warnings } = await doctorOf(person, title);
      expect(line).toContain(`asks ${asks} ·`);
      expect(warnings).toContain(`${title} has no rule to ask before "countersign" decides: countersign install ${id}`);
      await person.install();
      expect((await doctorOf(person, title)).warnings.join()).not.toContain('no rule');
    },
  );
});

describe("the doctor, where a rule is a person's own", () => {
  it('names it, for install would leave it', async () => {
    const person = aClientHome('opencode');
    await person.install();
    const [file = ''] = person.files();
    person.write(file, person.read(file).replace(/("countersign_settle_action": )"ask"/, '$1"allow"'));
    const { line, warnings } = await doctorOf(person, 'opencode');
    expect(line).toContain('asks NOTHING, as it comes');
    expect(warnings.join()).toContain(`"permission.countersign_settle_action" in ${file}`);
    expect(warnings.join()).not.toContain('no rule to ask');
    expect(await person.install()).toEqual([]);
  });
});

/** What each client without forms reads as its rule to ask, from its settings as they were parsed. */
const RULES: Record<string, (files: string[]) => unknown> = {
  gemini: ([, policy = '']) => parseToml(policy),
  qwen: ([settings = '']) => JSON.parse(settings).permissions,
  opencode: ([settings = '']) => JSON.parse(settings).permission,
  cline: ([, settings = '']) => JSON.parse(settings),
  continue: ([, permissions = '']) => parseYaml(permissions),
};

describe('the rule to ask', () => {
  it.each([
    ['gemini', { rule: [{ mcpName: 'work', toolName: DECIDING, decision: 'ask_user', priority: 999 }] }],
    ['qwen', { ask: DECIDING.map((tool) => `mcp__work__${tool}`) }],
    ['opencode', Object.fromEntries(DECIDING.map((tool) => [`work_${tool}`, 'ask']))],
    ['cline', { toolAutoApprove: false }],
    ['continue', { ask: DECIDING }],
  ])('is as the client reads it: %s', async (id, rule) => {
    const { install, files, read } = aClientHome(id, { launch: { ...LAUNCH, name: 'work' } });
    await install();
    expect(RULES[id]?.(files().map(read))).toEqual(rule);
  });

  it('is none for a client that draws forms, where nobody is asked twice', async () => {
    for (const { id } of CLIENTS.filter(({ drawsForms }) => drawsForms)) {
      const { install, everything } = aClientHome(id);
      await install();
      expect([id, Object.keys(everything()).length]).toEqual([id, 1]);
      for (const tool of DECIDING) expect(JSON.stringify(everything())).not.toContain(tool);
    }
  });
});

describe('a server that starts slowly', () => {
  it('is waited for by Cline, which else goes on without it after 3 seconds; a time of the person’s own stays', async () => {
    const { install, files, read, write } = aClientHome('cline');
    await install();
    const [file = ''] = files();
    expect(JSON.parse(read(file)).mcpServers.countersign.timeout).toBe(60);
    write(file, read(file).replace('"timeout": 60', '"timeout": 600'));
    await install({ ...LAUNCH, node: '/new/node' });
    expect(JSON.parse(read(file)).mcpServers.countersign).toMatchObject({ command: '/new/node', timeout: 600 });
  });
});

describe.each(['cline', 'continue'])('a rule that has no room for a name: %s', (id) => {
  it('is shared by two names; where one takes it out, the doctor warns until the other is installed again', async () => {
    const person = aClientHome(id);
    const title = CLIENTS.find((client) => client.id === id)?.title ?? '';
    const work = { ...LAUNCH, name: 'countersign-work' };
    await person.install();
    await person.install(work);
    expect((await doctorOf(person, title)).warnings.join()).not.toContain('rule');
    await person.uninstall(work);
    expect((await doctorOf(person, title)).warnings).toContain(
      `${title} has no rule to ask before "countersign" decides: countersign install ${id}`,
    );
    await person.install();
    const { line, warnings } = await doctorOf(person, title);
    expect([line.includes('installed as "countersign"'), warnings.join().includes('rule')]).toEqual([true, false]);
  });
});
