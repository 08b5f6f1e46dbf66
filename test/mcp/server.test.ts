import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { isObject } from '../../src/domain/base/json.ts';
import { createWatcher } from '../../src/mcp/subscriptions/watcher.ts';
import { createHouse } from '../../src/process/house.ts';
import { createServer } from '../../src/server.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

describe('the server', () => {
  it('promises no resources and no completions where none of its tools has a resource', async () => {
    const deps = testDeps();
    const house = createHouse(aStore(aHome(), deps), deps);
    const offers = (tool: { name: string }) => tool.name === 'list_agents';
    const server = createServer({ house, person: { user: 'tester' }, offers, watcher: createWatcher(house) });
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    const client = new Client({ name: 'test', version: '1' });
    await Promise.all([server.connect(ours), client.connect(theirs)]);
    expect(client.getServerCapabilities()).toMatchObject({ tools: {} });
    expect(client.getServerCapabilities()).not.toHaveProperty('resources');
    expect(client.getServerCapabilities()).not.toHaveProperty('completions');
    await client.close();
  });

  it('gives warnings, next step and review token first: in structured content, in text and in resources', async () => {
    const deps = testDeps();
    const house = createHouse(aStore(aHome(), deps), deps);
    const server = createServer({
      house,
      person: { user: 'tester' },
      offers: () => true,
      watcher: createWatcher(house),
    });
    const [ours, theirs] = InMemoryTransport.createLinkedPair();
    const client = new Client({ name: 'test', version: '1' });
    await Promise.all([server.connect(ours), client.connect(theirs)]);
    const call = async (name: string, args: Record<string, unknown>) => {
      const { structuredContent, content } = await client.callTool({ name, arguments: args });
      const [item] = content;
      expect(item).toEqual({ type: 'text', text: JSON.stringify(structuredContent) });
      return isObject(structuredContent) ? structuredContent : {};
    };
    await call('import_contacts', { contacts: [{ id: 'ann' }] });
    const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: 'Call.' } }] }];
    const made = await call('create_agent', { name: 'A', capabilities: ['notes'], playbook: { rules } });
    expect(Object.keys(made)[0]).toBe('warnings');
    expect(made.agent).toMatchObject({ playbook: { digest: expect.any(String), characters: 0, rules: 1 } });
    const run = await call('trigger_agent', { agent_id: 'A', wait_seconds: 5 });
    expect(Object.keys(run)[0]).toBe('next');
    expect(Object.keys(await call('list_pending_actions', {}))[0]).toBe('review_token');
    const [pending] = (await client.readResource({ uri: 'countersign://pending' })).contents;
    expect(JSON.stringify(pending)).toContain(String.raw`"text":"{\"review_token\":`);
    await client.close();
  });

  it('tells what a client says of itself as said, where that could be taken for the terminal', async () => {
    const clients: [string, string, string][] = [
      ['countersign review', '0.1.0', 'tester (says it is "countersign review 0.1.0")'],
      ['Claude Code', '2.1', 'tester (Claude Code 2.1)'],
    ];
    for (const [name, version, told] of clients) {
      const deps = testDeps();
      const house = createHouse(aStore(aHome(), deps), deps);
      const server = createServer({
        house,
        person: { user: 'tester' },
        offers: () => true,
        watcher: createWatcher(house),
      });
      const [ours, theirs] = InMemoryTransport.createLinkedPair();
      const client = new Client({ name, version });
      await Promise.all([server.connect(ours), client.connect(theirs)]);
      const args = { name: 'Maya', email: 'maya@example.com' };
      const { structuredContent } = await client.callTool({ name: 'save_identity', arguments: args });
      expect(structuredContent).toMatchObject({ identity: { created_by: told } });
      await client.close();
    }
  });
});
