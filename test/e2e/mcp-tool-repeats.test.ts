import { describe, expect, it } from 'vitest';
import { ARGS, desk, proposed, reasons } from '../support/tool-desk.ts';
import { testTools, writeConfig } from '../support/tool-server.ts';

/** A server with two servers of tools, "crm" and "mail", that offer the same tools. */
async function twoServers() {
  const first = await desk();
  const second = testTools();
  writeConfig(first.home, { mcpServers: { crm: first.tools.entry(), mail: second.entry() } });
  return { ...first, second };
}

const call = (tool: string, text = ARGS.text) => [{ tool, arguments: { ...ARGS, text } }];
const by = (...servers: string[]) => ({ capabilities: servers.map((name) => `mcp:${name}`) });

describe('the same call of two servers’ tools', () => {
  it('is no repeat, whether an agent gives the tool’s name alone or its server’s too', async () => {
    const { server, tools, second } = await twoServers();
    const one = await proposed(server, call('send'), by('crm'));
    const other = await proposed(server, call('send'), by('mail'));
    expect([reasons(one.result), reasons(other.result)]).toEqual([[], []]);
    for (const { at } of [one, other])
      expect((await server.call('approve_action', await server.shown(at))).action.status).toBe('executed');
    expect([tools.calls().length, second.calls().length]).toEqual([1, 1]);
    const again = await proposed(server, call('mail/send'), by('crm', 'mail'));
    expect(reasons(again.result)).toEqual([expect.stringContaining('the same action was executed at')]);
  });

  it('is one where the server is the same, however the tool is named and the text written', async () => {
    const { server } = await twoServers();
    const { at } = await proposed(server, call('crm/send', 'Hello there'), by('crm', 'mail'));
    await server.call('reject_action', { ...at, reason: 'not by that way' });
    const again = await proposed(server, call('send', ' HELLO\u00a0there\u200b'), by('crm'));
    expect(reasons(again.result)).toEqual(['a person rejected the same action: "not by that way"']);
    const elsewhere = await proposed(server, call('send', 'Hello there'), by('mail'));
    expect(reasons(elsewhere.result)).toEqual([]);
  });
});
