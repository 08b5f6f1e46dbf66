import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { aSink } from '../support/sink.ts';
import {
  anEditor,
  approve,
  codeOn,
  MENU,
  openReview,
  PROPOSALS,
  type TestTerminal,
  waiting,
} from '../support/terminal.ts';
import { TRUSTING } from '../support/trusting.ts';

const { EMAIL, NOTE } = PROPOSALS;
const CTRL_C = '\u0003';

describe('leaving countersign review decides nothing', () => {
  const atMenu = (terminal: TestTerminal) => terminal.until(MENU);
  const AT: [string, (terminal: TestTerminal) => Promise<unknown>][] = [
    ['at the menu', atMenu],
    [
      'with half a code typed',
      async (terminal) => {
        await atMenu(terminal);
        terminal.type('a');
        terminal.press((await codeOn(terminal)).slice(0, 2));
      },
    ],
    [
      'with a whole code typed, but not entered',
      async (terminal) => {
        await atMenu(terminal);
        terminal.type('a');
        terminal.press(await codeOn(terminal));
      },
    ],
    [
      'at the reason',
      async (terminal) => {
        await atMenu(terminal);
        terminal.type('r');
        await terminal.until('Reason');
        terminal.press('because');
      },
    ],
  ];

  it.each(AT)('by Ctrl-C %s', async (_, go) => {
    const { home, actions } = await waiting([EMAIL, NOTE]);
    const terminal = openReview(home);
    await go(terminal);
    terminal.press(CTRL_C);
    await terminal.until('approved 0, rejected 0, skipped 0, still waiting 2');
    expect(await terminal.exit).toBe(130);
    expect(await actions()).toMatchObject([{ status: 'pending_approval' }, { status: 'pending_approval' }]);
  });

  it.each([
    ['the window closes', (terminal: TestTerminal) => terminal.hangUp()],
    ['it is told to end', (terminal: TestTerminal) => process.kill(terminal.pid, 'SIGTERM')],
  ])('and leaves no file when %s while the editor is open', async (_, leave) => {
    const { home, actions } = await waiting([EMAIL]);
    const started = path.join(home, 'started');
    const script = `save(text.replace('there', 'Pat')); fs.writeFileSync(${JSON.stringify(started)}, ''); setTimeout(() => {}, 60_000);`;
    const terminal = openReview(home, { env: anEditor(home, script) });
    await atMenu(terminal);
    terminal.type('e');
    await expect.poll(() => fs.existsSync(started)).toBe(true);
    expect(fs.readdirSync(terminal.temporary)).toHaveLength(1);
    leave(terminal);
    await terminal.exit;
    expect(fs.readdirSync(terminal.temporary)).toEqual([]);
    expect(await actions()).toMatchObject([{ status: 'pending_approval' }]);
  });

  it('when the window closes with the code typed', async () => {
    const { home, actions } = await waiting([NOTE]);
    const terminal = openReview(home);
    await atMenu(terminal);
    terminal.type('a');
    terminal.press(await codeOn(terminal));
    terminal.hangUp();
    await terminal.exit;
    expect(await actions()).toMatchObject([{ status: 'pending_approval' }]);
  });
});

const HOOK = { type: 'webhook', params: { payload: { n: 1 } } };

describe('an attempt, in countersign review,', () => {
  it('is waited for, even by one who leaves meanwhile', async () => {
    let answer: () => void = () => undefined;
    const sink = await aSink((_request, response) => {
      answer = () => void response.end('ok');
    });
    const env = { COUNTERSIGN_ALLOW_HOSTS: sink.host };
    const { home, actions } = await waiting([HOOK, NOTE], { connections: { webhook_url: sink.url() } }, undefined, env);
    const terminal = openReview(home, { env });
    await terminal.until(`To        │ ${sink.url()}`);
    await approve(terminal);
    await terminal.until('Under way');
    terminal.press(CTRL_C);
    await terminal.until('The decision is made');
    answer();
    await terminal.until(/Executed +│/);
    await terminal.until('approved 1, rejected 0, skipped 0, still waiting 1');
    expect(await terminal.exit).toBe(130);
    expect(sink.requests).toHaveLength(1);
    expect(await actions()).toMatchObject([{ status: 'executed' }, { status: 'pending_approval' }]);
  });

  it('whose outcome is unknown comes up again: settled by word, or repeated by a code, with the same key', async () => {
    let isUp = false;
    const sink = await aSink((_request, response) => (isUp ? response.end('ok') : response.socket?.destroy()));
    const env = { ...TRUSTING, COUNTERSIGN_ALLOW_HOSTS: sink.host };
    const other = { type: 'webhook', params: { payload: { n: 2 } } };
    const settings = { connections: { webhook_url: sink.url() }, approval: {} };
    const { server, agent, home, actions, at } = await waiting([HOOK, other], settings, undefined, env);
    for (const action_index of [0, 1]) await server.call('approve_action', await server.shown({ ...at, action_index }));
    expect(await actions()).toMatchObject([{ status: 'unknown' }, { status: 'unknown' }]);
    const terminal = openReview(home, { env });
    await terminal.until(/Attempt +│ begun .* approved by .*test-sdk-1/);
    await terminal.until(MENU);
    terminal.type('y');
    await terminal.until('How do you know?');
    terminal.type('It is in their log');
    await terminal.until(/Executed +│ .*It is in their log/);
    await terminal.until(/Attempt +│ begun/);
    await terminal.until(MENU);
    terminal.type('r');
    await codeOn(terminal);
    terminal.type('nono');
    await terminal.until(MENU);
    const before = sink.requests.length;
    isUp = true;
    terminal.type('r');
    const code = await codeOn(terminal);
    await server.call('update_agent', {
      agent_id: agent.id,
      changes: { connections: { webhook_url: sink.url('/new') } },
    });
    terminal.type(code);
    await terminal.until(/Changed +│ .*nothing was decided/);
    await terminal.until(sink.url('/new'));
    expect(sink.requests).toHaveLength(before);
    await terminal.until(MENU);
    terminal.type('r');
    terminal.type(await codeOn(terminal));
    await terminal.until(/Executed +│/);
    await terminal.until('approved 0, rejected 0, settled 2, skipped 0, still waiting 0');
    expect(await terminal.exit).toBe(0);
    expect(await actions()).toMatchObject([
      { status: 'executed', result: { channel: 'settled' } },
      { status: 'executed', decided_via: 'human', result: { channel: 'webhook' } },
    ]);
    const keys = sink.requests.map(({ headers }) => headers['webhook-id']);
    expect(keys).toHaveLength(before + 1);
    expect(new Set(keys).size).toBe(2);
  });
});
