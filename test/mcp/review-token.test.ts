import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { createWatcher } from '../../src/mcp/subscriptions/watcher.ts';
import { createHouse } from '../../src/process/house.ts';
import { createServer } from '../../src/server.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

/** A client of a person: its own process on the home, its own name and version. */
async function connected(home: string, user: string, name: string) {
  const deps = testDeps(home);
  const house = createHouse(aStore(home, deps), deps);
  const server = createServer({ house, person: { user }, offers: () => true, watcher: createWatcher(house) });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name, version: '1' });
  await Promise.all([server.connect(ours), client.connect(theirs)]);
  return {
    call: async (tool: string, args: Record<string, unknown> = {}) => {
      const { content } = await client.callTool({ name: tool, arguments: args });
      const [item] = content;
      return JSON.parse(item?.type === 'text' ? item.text : '{}');
    },
    pending: async () => {
      const [item] = (await client.readResource({ uri: 'countersign://pending' })).contents;
      return JSON.parse(item && 'text' in item ? item.text : '{}');
    },
  };
}

async function twoNotes() {
  const home = aHome();
  const maya = await connected(home, 'maya', 'desktop');
  await maya.call('import_contacts', { contacts: [{ id: 'ann' }, { id: 'ben' }] });
  const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: 'Call.' } }] }];
  await maya.call('create_agent', { name: 'A', capabilities: ['notes'], playbook: { rules } });
  await maya.call('trigger_agent', { agent_id: 'A', wait_seconds: 30 });
  return { home, maya };
}

describe('a review token', () => {
  it('stands for the rows in every client and process of the person who was shown them', async () => {
    const { home, maya } = await twoNotes();
    const { review_token } = await maya.call('list_pending_actions');
    const other = await connected(home, 'maya', 'editor');
    expect(await other.call('review_actions', { decision: 'approve', review_token })).toMatchObject({ decided: 2 });
  });

  it('is refused to anybody else, who is told to list again; nothing is decided', async () => {
    const { home, maya } = await twoNotes();
    const { review_token } = await maya.call('list_pending_actions');
    const bob = await connected(home, 'bob', 'desktop');
    for (const decision of ['approve', 'reject'])
      expect(await bob.call('review_actions', { decision, review_token })).toMatchObject({
        error: {
          code: 'VALIDATION_ERROR',
          message: expect.stringMatching(/somebody else.*list_pending_actions/),
          details: { review_token: 'unknown' },
        },
      });
    const own = await bob.call('list_pending_actions');
    expect(own).toMatchObject({ total: 2, review_token: expect.any(String) });
    expect(own.review_token).not.toBe(review_token);
    // What Bob was shown since takes nothing from Maya's token.
    expect(await maya.call('review_actions', { decision: 'reject', review_token })).toMatchObject({ decided: 2 });
  });

  it('is the same in the resource `pending` and in the list, for one caller', async () => {
    const { home, maya } = await twoNotes();
    const bob = await connected(home, 'bob', 'desktop');
    for (const caller of [maya, bob]) {
      const { notice: _, ...listed } = await caller.call('list_pending_actions');
      expect(await caller.pending()).toEqual(listed);
    }
  });
});
