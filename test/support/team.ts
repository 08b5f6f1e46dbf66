import { Client, InMemoryTransport } from '@modelcontextprotocol/client';
import { onTestFinished } from 'vitest';
import { type Member, type Person, SCOPES, type Scope } from '../../src/domain/base/author.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { House } from '../../src/engine/base/house.ts';
import { limitedHouse } from '../../src/engine/base/limited-house.ts';
import { createWatcher } from '../../src/mcp/subscriptions/watcher.ts';
import { closeHouse, createHouse } from '../../src/process/house.ts';
import { createServer } from '../../src/server.ts';
import { testDeps } from './fixtures.ts';
import { freshFolder, removeFolder } from './folders.ts';
import { aStore } from './store.ts';

// A tool's result is any JSON, so its type is JSON.parse's: a test checks by its expectations what it relies on.
type Facts = ReturnType<typeof JSON.parse>;

/** Answers a form as its person would: `approve`, `reject`, or as another field's value. */
export type Answering = { forms: string[]; decision: string };

/** One of a team, with a client of their own that is connected to a real server in this process. */
export type Teammate = {
  person: Person;
  house: House;
  client: Client;
  /** Calls a tool. Gives its result, or `{error}` as the model reads it. */
  call: (name: string, args?: Record<string, unknown>) => Promise<Facts>;
  /** All that a client is told by a request, errors too, as one text. */
  told: (request: (client: Client) => Promise<unknown>) => Promise<string>;
};

/** The one of a team with this id. */
export function aMember(id: string, more: Partial<Member> = {}): Member {
  return { id, role: 'member', team: 1, scopes: SCOPES, ...more };
}

async function connected(house: House, person: Person, forms: Answering | undefined) {
  const own = limitedHouse(house, person);
  const server = createServer({ house: own, person, offers: () => true, watcher: createWatcher(own) });
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const client = new Client(
    { name: 'test', version: '1' },
    forms ? { capabilities: { elicitation: { form: {} } } } : {},
  );
  if (forms)
    client.setRequestHandler('elicitation/create', async ({ params }) => {
      forms.forms.push(JSON.stringify(params));
      return { action: 'accept', content: { decision: forms.decision } };
    });
  await Promise.all([server.connect(ours), client.connect(theirs)]);
  const told = (request: (client: Client) => Promise<unknown>) =>
    request(client).then(
      (answer) => JSON.stringify(answer),
      (error: unknown) => `${String(error)} ${JSON.stringify(error)}`,
    );
  const teammate: Teammate = {
    person,
    house: own,
    client,
    async call(name, args = {}) {
      const { content, structuredContent } = await client.callTool({ name, arguments: args });
      const [item] = content;
      return structuredContent ?? JSON.parse(item?.type === 'text' ? item.text : '{}');
    },
    told,
  };
  return teammate;
}

/** Where work is noted that ends a team: the end of the test, unless tests share the team. */
type AtEnd = (work: () => void | Promise<void>) => void;

/** A home in this process that any number of callers share, each over a connection of their own. */
export function aTeam(atEnd: AtEnd = onTestFinished) {
  const home = freshFolder('team');
  atEnd(() => removeFolder(home));
  let clock = Date.parse('2026-03-02T09:30:00Z');
  // Each look at the clock is a moment later, so that what happens has an order.
  const now = () => {
    clock += 5;
    return new Date(clock);
  };
  const deps = { ...testDeps(home), now, newId: createIds(now) };
  const house = createHouse(aStore(home, deps), deps);
  atEnd(() => closeHouse(house));
  const join = async (user: string, member?: Member, forms?: Answering) => {
    const teammate = await connected(house, { user, ...(member ? { member } : {}) }, forms);
    atEnd(() => teammate.client.close());
    return teammate;
  };
  return {
    home,
    house,
    join,
    /** The home's owner, over stdio. */
    stdio: () => join('maya'),
    member: (user: string, more: Partial<Member> = {}, forms?: Answering) =>
      join(user, aMember(`p_${user}`, more), forms),
  };
}

export const WITHOUT_APPROVE: readonly Scope[] = SCOPES.filter((scope) => scope !== 'agents:approve');
