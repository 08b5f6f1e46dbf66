import fs from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { databaseEnv } from '../support/postgres/homes.ts';
import { command } from '../support/served.ts';
import { BUNDLE, startServer } from '../support/server.ts';
import { ARGS, desk, proposed, reasons } from '../support/tool-desk.ts';
import { testTools, writeConfig } from '../support/tool-server.ts';

describe('calling a tool of another MCP server', () => {
  it.each(['', 'legacy'])('waits for the person, then happens once, with a receipt (%s)', async (ways) => {
    const { server, tools } = await desk(ways);
    const { at, warnings } = await proposed(server, [{ tool: 'send', arguments: ARGS }]);
    expect(warnings).toEqual([]);
    expect(tools.calls()).toEqual([]);
    const { actions } = await server.call('list_pending_actions', {});
    expect(actions).toMatchObject([
      {
        to: 'crm/send',
        params: { tool: 'send', arguments: ARGS },
        pinned_tool: { server: 'crm', name: 'send', description: '«Sends a message to one address.»' },
      },
    ]);
    const { action } = await server.call('approve_action', { ...at, expected_digest: actions[0].digest });
    expect(action).toMatchObject({ status: 'executed', result: { channel: 'mcp' } });
    expect(action.result.note).toMatch(/^sent to ada@example\.com!+…$/);
    expect(tools.calls()).toEqual([{ name: 'send', args: ARGS, key: expect.stringContaining(String(at.run_id)) }]);
  });

  it('is blocked, with the reason, where it can’t be meant', async () => {
    const { server, tools } = await desk();
    const { result } = await proposed(server, [
      { tool: 'send', arguments: { to: 'ada@example.com' } },
      { tool: 'sned', arguments: ARGS },
      { tool: 'other/send', arguments: ARGS },
      { tool: 'send' },
      { tool: 'send', arguments: ARGS },
      { tool: 'crm/send', arguments: ARGS },
    ]);
    expect(reasons(result)).toEqual([
      "wrong shape: params.arguments don't fit crm/send: must have required property 'text'",
      expect.stringContaining('none of the agent\'s MCP servers offers "sned": they offer crm/send, crm/refuse'),
      expect.stringContaining('none of the agent\'s MCP servers offers "other/send"'),
      expect.stringContaining('wrong shape: params.arguments'),
      expect.stringContaining('the same action is pending_approval already'),
    ]);
    expect(result.proposed_actions).toHaveLength(1);
    const bob = await proposed(server, [{ tool: 'send', arguments: ARGS }], {}, 'bob');
    expect(reasons(bob.result)).toEqual(['the contact has do_not_contact set']);
    const other = await proposed(server, [{ tool: 'send', arguments: ARGS }], { capabilities: ['notes'] });
    expect(other.warnings).toContainEqual(expect.stringContaining('blocked without a capability "mcp:<server>"'));
    expect(reasons(other.result)).toEqual([expect.stringContaining('needs the capability "mcp:<server>"')]);
    expect(tools.calls()).toEqual([]);
  });

  it('needs the server’s name where two offer the tool', async () => {
    const { server, tools, home } = await desk();
    const second = testTools();
    writeConfig(home, { mcpServers: { crm: tools.entry(), mail: second.entry() } });
    const both = { capabilities: ['mcp:crm', 'mcp:mail'] };
    const { result } = await proposed(server, [{ tool: 'send', arguments: ARGS }], both);
    expect(reasons(result)).toEqual([expect.stringContaining('write crm/send or mail/send as params.tool')]);
    const { at } = await proposed(server, [{ tool: 'mail/send', arguments: ARGS }], both);
    expect((await server.call('approve_action', await server.shown(at))).action.status).toBe('executed');
    expect([tools.calls().length, second.calls().length]).toEqual([0, 1]);
  });

  it('takes an edit that fits the tool, and refuses one that doesn’t', async () => {
    const { server, tools } = await desk();
    const { at } = await proposed(server, [{ tool: 'send', arguments: ARGS }]);
    const wrong = { tool: 'send', arguments: { ...ARGS, cc: 'x' } };
    expect(await server.refusal('approve_action', await server.shown({ ...at, params: wrong }))).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining('must NOT have additional properties (cc)'),
    });
    const edit = { tool: 'crm/send', arguments: { ...ARGS, text: 'good day' } };
    expect((await server.call('approve_action', await server.shown({ ...at, params: edit }))).action.status).toBe(
      'executed',
    );
    expect(tools.calls()).toMatchObject([{ args: { text: 'good day' } }]);
  });

  it('counts for cadence, and does nothing at all in a dry run', async () => {
    const { server, tools } = await desk();
    const limits = { cooldown_days: 7 };
    const { at } = await proposed(server, [{ tool: 'send', arguments: ARGS }], { limits });
    await server.call('approve_action', await server.shown(at));
    const again = await proposed(server, [{ tool: 'send', arguments: { ...ARGS, text: 'again' } }], { limits });
    expect(reasons(again.result)).toEqual([expect.stringContaining('limits.cooldown_days')]);
    const approval = { require_approval: false };
    const dry = await proposed(
      server,
      [{ tool: 'send', arguments: { ...ARGS, text: 'dry' } }],
      { approval },
      'ada',
      true,
    );
    expect(dry.result.proposed_actions).toMatchObject([{ status: 'dry_run', pinned_tool: { name: 'send' } }]);
    expect(tools.calls()).toHaveLength(1);
  });
});

describe('what came of it', () => {
  it('is failed with the tool’s words, or unknown, and is never repeated by itself', async () => {
    const { server, tools } = await desk();
    const attempts = async (tool: string) => {
      const { at } = await proposed(server, [{ tool, arguments: { tool } }]);
      const { action } = await server.call('approve_action', await server.shown({ ...at, wait_seconds: 20 }));
      return { at, action };
    };
    expect((await attempts('refuse')).action).toMatchObject({
      status: 'failed',
      error: { code: 'PROVIDER_ERROR', message: 'crm/refuse answered that it failed: no such mailbox' },
    });
    const { at, action } = await attempts('crash');
    expect(action).toMatchObject({
      status: 'unknown',
      error: { message: expect.stringContaining('it ended before it answered') },
    });
    const settled = await server.call('settle_action', { ...at, outcome: 'not_sent', note: 'looked' });
    expect(settled.action.status).toBe('failed');
    expect(tools.calls().map(({ name }) => name)).toEqual(['refuse', 'crash']);
  });

  it('is failed where the server can’t be started any more; a retry has the same key', async () => {
    const { server, tools, home } = await desk();
    const { at } = await proposed(server, [{ tool: 'send', arguments: ARGS }]);
    writeConfig(home, { mcpServers: { crm: { command: 'no-such-program-anywhere' } } });
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(action).toMatchObject({
      status: 'failed',
      error: {
        message: expect.stringMatching(/^Nothing was called: the MCP server "crm" can't be asked: its command/),
      },
    });
    const blocked = await proposed(server, [{ tool: 'send', arguments: { ...ARGS, text: 'new' } }]);
    expect(reasons(blocked.result)).toEqual([expect.stringContaining('the MCP server "crm" can\'t be asked')]);
    writeConfig(home, { mcpServers: { crm: tools.entry() } });
    const retried = await server.call('settle_action', await server.shown({ ...at, outcome: 'retry' }));
    expect(retried.action.status).toBe('executed');
    expect(tools.calls()).toHaveLength(1);
  });

  it('is unknown where the client goes in the middle of the call, and no child is left', async () => {
    const { server, tools, home } = await desk('stubborn');
    const { at } = await proposed(server, [{ tool: 'hang', arguments: {} }]);
    await server.call('approve_action', await server.shown({ ...at, wait_seconds: 0 }));
    await expect.poll(() => tools.calls()).toHaveLength(1);
    expect(tools.running()).toHaveLength(1);
    await server.close();
    // Left to itself, this child would outlive the end of its input, SIGTERM and this test.
    await expect.poll(() => tools.running()).toEqual([]);
    const next = await startServer({ home });
    onTestFinished(() => next.close());
    const { actions } = await next.call('list_pending_actions', { status: 'unknown' });
    expect(actions).toMatchObject([{ status: 'unknown', attempted_at: expect.any(String) }]);
    expect(tools.calls()).toHaveLength(1);
  });
});

describe('an assistant that evaluates', () => {
  it('is told of the tools with their schemas, and what it proposes is held against them', async () => {
    const { server, tools } = await desk();
    const playbook = { playbook_md: 'Send a greeting.' };
    const { agent } = await server.call('create_agent', { name: 'Mind', capabilities: ['mcp:crm'], playbook });
    const { run_id } = await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['ada'] });
    const { evaluation } = await server.call('next_evaluation', { run_id });
    expect(evaluation.allowed_actions[0]).toMatchObject({
      type: 'mcp_tool',
      params: {
        description: '«Sends a message to one address.»',
        properties: { tool: { const: 'crm/send' }, arguments: { required: ['to', 'text'] } },
      },
    });
    const { evaluation_id } = evaluation;
    const proposed_actions = [
      { type: 'mcp_tool', params: { tool: 'crm/send', arguments: ARGS } },
      { type: 'mcp_tool', params: { tool: 'crm/send', arguments: { ...ARGS, text: 1 } } },
    ];
    const answer = { run_id, evaluation_id, reasoning: 'why', proposed_actions };
    expect(await server.call('submit_evaluation', answer)).toMatchObject({
      accepted: 1,
      blocked: [{ reason: expect.stringContaining('text must be string') }],
    });
    expect(tools.calls()).toEqual([]);
  });
});

describe('the person’s config.json', () => {
  it('can’t make Countersign a tool of its own agents', async () => {
    const { server, home } = await desk();
    const env = { ...databaseEnv(home), COUNTERSIGN_HOME: home };
    writeConfig(home, { mcpServers: { crm: { command: process.execPath, args: [BUNDLE], env } } });
    const approval = { require_approval: false };
    const call = { tool: 'list_agents', arguments: {} };
    const { result } = await proposed(server, [call], { approval });
    expect(reasons(result)).toEqual([expect.stringContaining('it is Countersign itself')]);
  });

  it('is told of by the doctor, names only', async () => {
    const { home } = await desk();
    const doctor = () => command(home, ['doctor']);
    const well = doctor();
    expect(well.stdout).toContain('mcp servers: crm\n');
    expect(well.stdout).not.toContain('TOOL_SERVER');
    expect(well.status).toBe(0);
    writeConfig(home, '{"mcpServers": }');
    expect(doctor()).toMatchObject({ status: 1 });
    expect(doctor().stdout).toMatch(/fault: .*config\.json isn't valid JSON/);
  });

  it('is reported by name where it is broken, and the run goes on', async () => {
    const { server, home } = await desk();
    writeConfig(home, '{"mcpServers": {"crm": {"command": "x", "env": {"KEY": "s3cret"},}}}');
    const { warnings, result } = await proposed(server, [{ tool: 'send', arguments: ARGS }]);
    expect(warnings).toContainEqual(expect.stringMatching(/config\.json isn't valid JSON, near line 1\. Correct it/));
    expect(reasons(result)).toEqual([expect.stringContaining("config.json isn't valid JSON")]);
    expect(JSON.stringify([warnings, result])).not.toContain('s3cret');
    fs.rmSync(`${home}/config.json`);
    const absent = await proposed(server, [{ tool: 'send', arguments: ARGS }]);
    expect(absent.warnings).toContainEqual(expect.stringContaining('doesn\'t list "crm" under mcpServers'));
    expect(reasons(absent.result)).toEqual([expect.stringContaining('it lists none')]);
  });
});
