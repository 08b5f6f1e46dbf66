import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chunkOf } from '../../src/domain/decisions/decision.ts';
import { ALL } from '../../src/domain/state/queries.ts';
import type { View } from '../../src/domain/state/view.ts';
import type { House } from '../../src/engine/base/house.ts';
import { aPrivateAgent, MARKERS, type Planted } from '../support/private-agent.ts';
import { aTeam, type Teammate } from '../support/team.ts';
import { leaksOf, ownAgents } from '../support/visibility-cases.ts';

let of: Planted;
let max: Teammate;
const endings: (() => void | Promise<void>)[] = [];
afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

beforeAll(async () => {
  of = await aPrivateAgent(aTeam((end) => endings.push(end)));
  max = await of.team.member('max');
  await ownAgents(max);
}, 60_000);

const leaksIn = (text: string) => leaksOf(of, text);

/** Each key of a view, and what is asked of it. A new key doesn't compile until it has a case here. */
const LOOKS: Record<Exclude<keyof View, 'find'>, (view: View, of: Planted) => unknown> = {
  commits: (view) => view.commits(),
  whole: () => undefined,
  shows: (view, { agent_id }) => view.shows(agent_id),
  shownTo: (view, { agent_id }) => view.shownTo(1, 'agent', agent_id),
  belonging: () => undefined,
  agent: (view, { agent_id }) => view.agent(agent_id),
  agentsNamed: (view) => view.agentsNamed('Secret zqnamez'),
  agentsOf: (view, { identity_id }) => view.agentsOf(identity_id),
  agentFile: (view, { agent_id }) => view.agentFile(agent_id),
  spent: (view, { agent_id }) => view.spent().get(agent_id),
  identityVersions: (view, { identity_id }) => view.identityVersions(identity_id),
  evaluatedAt: (view, { agent_id }) => view.evaluatedAt(agent_id, 'ann'),
  run: (view, { run_ids }) => run_ids.map(view.run),
  runsOf: (view, { agent_id }) => view.runsOf(agent_id),
  results: (view, { run_ids }) => run_ids.map((id) => [...view.results(id).results, view.results(id).targets]),
  contact: (view) => view.contact('ann'),
  hasContact: (view) => view.hasContact('ann'),
  aliasOf: (view) => view.aliasOf('ann'),
  contactAt: (view) => view.contactAt('ann@example.com'),
  contactsAt: (view) => view.contactsAt('ann@example.com'),
  formerlyAt: (view) => view.formerlyAt('ann@example.com'),
  tracesOf(view) {
    const ann = view.contact('ann');
    return ann && view.tracesOf(ann);
  },
  activity: (view) => view.activity('ann'),
  ledger: (view) => view.ledger('ann'),
  open: (view) => view.open({}),
  waiting: (view) => [...view.waiting()],
  unfinished: (view) => view.unfinished(),
  lastRun: (view, { agent_id }) => view.lastRun(agent_id),
  schedule: (view, { agent_id }) => view.schedule(agent_id),
  schedules: (view) => view.schedules(),
  brake: (view) => view.brake(),
  identity: (view) => view.identity('id_none'),
  sent: (view) => view.sent('id_none'),
  mailbox: (view) => view.mailbox('id_none'),
  thread: (view, { thread_id }) => view.thread(thread_id),
  messages: (view, { thread_id }) => view.messages(thread_id),
  standing: (view, { agent_id }) => view.standing(agent_id),
  changes: (view) => view.changes(),
  permits: (view) => [...view.permits()],
  passkeys: (view) => [...view.passkeys().keys],
  isSpent: (view) => view.isSpent('x'),
  key: (view) => [view.key('create_agent', 'zqkeyz'), view.key('trigger_agent', 'zqkeyz')],
  erasures: (view) => [...view.erasures().pending],
  standIn: (view) => view.standIn('ann', 'erased_x'),
  decisionHead: () => undefined,
  decisions: (view) => view.decisions(chunkOf(1)),
  isAlive: (view) => view.isAlive('x'),
  hasLeft: (view) => view.hasLeft('x'),
  want: (view, { run_ids }) => view.want({ results: run_ids, ledger: ['ann'] }),
};
/** The keys by which a view has nothing at all of an agent that isn't seen, not even a time. */
const GONE: readonly (keyof View)[] = [
  ...(['shows', 'agent', 'agentsNamed', 'agentsOf', 'evaluatedAt', 'runsOf', 'open', 'waiting', 'unfinished'] as const),
  ...(['lastRun', 'schedule', 'schedules', 'thread', 'messages', 'standing', 'changes', 'decisions'] as const),
];
const FINDS: Record<keyof View['find'], (view: View) => unknown> = {
  agents: (view) => view.find.agents({ status: 'any' }, ALL),
  runs: (view) => view.find.runs({}, ALL),
  contacts: (view) => view.find.contacts(ALL),
  open: (view) => view.find.open({}, ALL),
  threads: (view) => view.find.threads({}, ALL),
  identities: (view) => view.find.identities(ALL),
  similar: (view) => (['agents', 'runs', 'threads'] as const).map((kind) => view.find.similar(kind, 'Secret zqname')),
};

/** What a store has beside looks and commits, and why nothing of it tells of an agent. A new key needs its reason here. */
const OF_THE_STORE: Record<keyof House['store'], string> = {
  asOf: 'limited, as below',
  find: 'contacts belong to the home',
  places: 'contacts belong to the home',
  prepare: 'changes no answer',
  changes: 'numbers of commits',
  calls: 'ids of runs, between processes',
  keep: 'by a token that nobody guesses',
  recall: 'by a token that nobody guesses',
  take: 'by a token that nobody guesses',
  holder: 'of this process',
  remember: 'of this process',
  renew: 'of this process',
  settle: 'of this process',
  oneCall: 'does the work that it is given',
  close: 'of this process',
  secret: 'never shown',
  tokens: 'for the terminal, and for who comes in',
  outbox: 'by the name of a file, which the engine finds for who sees its agent',
  forget: 'an erasure',
  check: 'for the terminal',
  audit: 'for the terminal',
};

describe('the store as one of a team sees it', () => {
  it('has no key but these', () => {
    expect(Object.keys(max.house.store).sort()).toEqual(Object.keys(OF_THE_STORE).sort());
  });

  it('tells no more of the past than of today', async () => {
    const commit = await of.team.house.read((view) => view.commits());
    const past = async (house: House) => JSON.stringify(await house.store.asOf([{ commit, contact_id: 'ann' }]));
    expect(leaksIn(await past(of.team.house))).not.toEqual([]);
    const told = await past(max.house);
    expect(told).toContain('"status":"executed"');
    expect(leaksIn(told)).toEqual([]);
  });
});

describe('a view as one of a team sees it', () => {
  it('has every key of the whole view', async () => {
    const keysOf = (view: View) => [Object.keys({ ...view, whole: undefined }).sort(), Object.keys(view.find).sort()];
    const [whole, limited] = [await of.team.house.read(keysOf), await max.house.read(keysOf)];
    expect(limited).toEqual(whole);
    expect([Object.keys(LOOKS).concat('find').sort(), Object.keys(FINDS).sort()]).toEqual(whole);
  });

  it.each([...Object.entries(LOOKS), ...Object.entries(FINDS)])(
    'tells nothing of another’s agent by %s',
    async (_key, look) => {
      const { house } = max;
      const text = JSON.stringify((await house.read((view) => look(view, of))) ?? null);
      expect(leaksIn(text)).toEqual([]);
    },
  );

  it.each(GONE)('has nothing of it by %s, where the whole view has', async (key) => {
    const look = new Map(Object.entries(LOOKS)).get(key);
    const lookIn = (house: House) => house.read((view) => JSON.stringify(look?.(view, of) ?? null));
    const nobody = await of.team.member('nobody');
    expect(await lookIn(nobody.house)).toMatch(/^(null|false|\[\])$/);
    expect(await lookIn(of.team.house)).not.toMatch(/^(null|false|\[\])$/);
  });

  it('is searched by looks that do tell of it in the whole view', async () => {
    const text = await of.team.house.read((view) =>
      JSON.stringify([...Object.values(LOOKS), ...Object.values(FINDS)].map((look) => look(view, of) ?? null)),
    );
    const unheard = ['zqkeyz', of.review_token];
    expect([...MARKERS, ...of.secrets].filter((secret) => !text.includes(secret) && !unheard.includes(secret))).toEqual(
      [],
    );
  });
});
