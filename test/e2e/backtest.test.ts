import { describe, expect, it } from 'vitest';
import { ARGS, desk, proposed } from '../support/tool-desk.ts';

const calling = (tool: string, args: object = ARGS) => ({
  playbook: { rules: [{ name: 'all', propose: [{ type: 'mcp_tool', params: { tool, arguments: args } }] }] },
});

describe('a backtest of an agent that calls tools of other servers', () => {
  it('holds each call against what its server offers, as the gate does, and calls nothing', async () => {
    const { server, tools } = await desk();
    const { agent, at, run_id } = await proposed(server, [{ tool: 'send', arguments: ARGS }]);
    await server.call('approve_action', await server.shown(at));
    await expect.poll(() => tools.calls()).toHaveLength(1);
    const test = async (changes: object) => {
      const told = await server.call('backtest_agent', { agent_id: agent.id, changes, wait_seconds: 30 });
      const { run } = await server.call('get_run', { run_id: told.run_id });
      return { outcome: told.outcome, result: run.contact_results[0], baseline: told.baseline };
    };
    const same = await test({ description: 'the same' });
    expect(same).toMatchObject({ outcome: { kept_approved: 1, lost: 0 }, baseline: { agreement: 1 } });
    const { run } = await server.call('get_run', { run_id });
    const [shown] = run.contact_results[0].proposed_actions;
    expect(same.result.proposed_actions[0].pinned_tool).toEqual(shown.pinned_tool);

    const gone = await test(calling('vanish'));
    expect(gone).toMatchObject({ outcome: { kept_approved: 0, lost: 1 }, result: { proposed_actions: [] } });
    expect(gone.result.blocked_actions[0].reason).toContain('offers "vanish"');
    const misfit = await test(calling('send', { to: 'ada@example.com' }));
    expect(misfit.result.blocked_actions[0].reason).toContain("don't fit crm/send");
    // What its server withdrew since, it offered then.
    tools.take();
    expect(await test({ description: 'gone since' })).toMatchObject({ outcome: { kept_approved: 1, lost: 0 } });
    expect(tools.calls()).toHaveLength(1);
  });
});
