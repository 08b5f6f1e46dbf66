import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pendingFingerprint } from '../../src/engine/runs/fingerprints.ts';
import { pageFrom } from '../../src/mcp/pages.ts';
import { PROMPTS } from '../../src/mcp/prompts/index.ts';
import { variablesIn } from '../../src/mcp/resources.ts';
import { TOOLS } from '../../tools/index.ts';
import { aPrivateAgent, type Planted } from '../support/private-agent.ts';
import { aTeam, type Teammate } from '../support/team.ts';
import {
  type Args,
  CASES,
  leaksOf,
  NOTHING,
  OUTSIDERS,
  type Own,
  ownAgents,
  PROMPT_CASES,
  RESOURCE_CASES,
} from '../support/visibility-cases.ts';

let of: Planted;
const outsiders = new Map<string, { who: Teammate; own: Own }>();

const endings: (() => void | Promise<void>)[] = [];
afterAll(async () => {
  for (const end of endings.reverse()) await end();
});

beforeAll(async () => {
  of = await aPrivateAgent(aTeam((end) => endings.push(end)));
  const max = await of.team.member('max');
  const tess = await of.team.member('tess', { role: 'admin', team: 2 });
  for (const [name, who] of [
    [OUTSIDERS[0], max],
    [OUTSIDERS[1], tess],
  ] as const)
    outsiders.set(name, { who, own: await ownAgents(who) });
}, 60_000);

function outsider(name: string) {
  const found = outsiders.get(name);
  if (!found) throw new Error(`nobody is ${name}`);
  return found;
}

/** The secrets that a text holds, but for those that the caller gave. */
const leaksIn = (text: string, given?: unknown) => leaksOf(of, text, given);

const told = (who: Teammate, name: string, args: Args) =>
  who.told((client) => client.callTool({ name, arguments: args }));

/** The same id, but of nothing. */
function madeUp(value: unknown): unknown {
  return typeof value === 'string' && of.secrets.some((secret) => value.includes(secret))
    ? value.replace(/.{3}$/, 'qqq')
    : value;
}

/** An answer without the names that the call gave, and without what it finds closest among the caller's own. */
function plain(text: string, given: Args): string {
  const names = Object.values(given).filter((value) => typeof value === 'string' && value.length > 6);
  return names
    .reduce((left: string, name) => left.replaceAll(String(name), '…'), text)
    .replaceAll(/ The closest match is .*?\./g, '');
}

describe('another’s private agent', () => {
  it('has a case for every tool, every resource and every prompt: a new one needs its own', () => {
    expect(Object.keys(CASES).sort()).toEqual(TOOLS.map(({ name }) => name).sort());
    const uris = TOOLS.flatMap(({ resources }) => resources.map(({ uri }) => uri));
    expect(Object.keys(RESOURCE_CASES).sort()).toEqual(uris.sort());
    expect(Object.keys(PROMPT_CASES).sort()).toEqual(PROMPTS.map(({ name }) => name).sort());
    for (const { name, input } of TOOLS) {
      const { open, probes } = CASES[name] ?? NOTHING;
      const names = ['agent_id', 'run_id', 'thread_id', 'review_token'].filter((key) => key in input.shape);
      const probed = probes.flatMap((probe) => Object.keys(probe(of)));
      expect(
        names.filter((key) => !probed.includes(key)),
        `${name} takes ids that no probe gives`,
      ).toEqual([]);
      expect(open.length + probes.length, name).toBeGreaterThan(0);
    }
  });

  it('is told by the same calls to those who see it', async () => {
    const admin = await of.team.member('adam', { role: 'admin' });
    const owner = await of.team.member('olga', { role: 'owner' });
    for (const who of [of.mia, admin, owner, await of.team.stdio()])
      for (const [name, { open }] of Object.entries(CASES))
        for (const { args } of open.filter(({ tells }) => tells))
          expect(
            leaksIn(await told(who, name, args({ agent_id: '', run_id: '', assistant_id: '' }))),
            name,
          ).not.toEqual([]);
  });

  for (const name of OUTSIDERS)
    describe(`for ${name}`, () => {
      for (const [tool, { open, probes }] of Object.entries(CASES).filter(([each]) => each !== 'delete_contact')) {
        it.each(open.map((each, index) => [index, each] as const))(
          `isn't told by ${tool}, call %i`,
          async (_n, each) => {
            const { who, own } = outsider(name);
            const args = each.args(own);
            const text = await told(who, tool, args);
            expect(leaksIn(text, args), text).toEqual([]);
          },
        );

        it.each(probes.map((each, index) => [index, each] as const))(
          `is to ${tool} as if it weren't there, probe %i`,
          async (_n, probe) => {
            const { who } = outsider(name);
            const args = probe(of);
            const other = Object.fromEntries(Object.entries(args).map(([key, value]) => [key, madeUp(value)]));
            const [real, invented] = [await told(who, tool, args), await told(who, tool, other)];
            expect(real).toMatch(/NOT_FOUND|"total":0|was given to somebody else/);
            expect(plain(real, args)).toBe(plain(invented, other));
            expect(leaksIn(real, args), real).toEqual([]);
          },
        );
      }

      it('isn’t among resources, and no uri reads it', async () => {
        const { who } = outsider(name);
        const listed = await who.told((client) => client.listResources());
        expect(leaksIn(listed)).toEqual([]);
        for (const [uri, variablesOf] of Object.entries(RESOURCE_CASES)) {
          const variables = variablesOf(of);
          const full = uri.replace(/\{(\w+)\}/g, (_, key) => variables[key] ?? '');
          const read = await who.told((client) => client.readResource({ uri: full }));
          expect(leaksIn(read, full), read).toEqual([]);
          const subscribed = await who.told((client) => client.subscribeResource({ uri: full }));
          expect(leaksIn(subscribed, full), subscribed).toEqual([]);
        }
      });

      it('completes nothing: no argument of a resource or prompt is completed to it', async () => {
        const { who } = outsider(name);
        const refs = [
          ...Object.keys(RESOURCE_CASES).map((uri) => ({
            ref: { type: 'ref/resource', uri } as const,
            names: variablesIn(uri),
          })),
          ...PROMPTS.map((each) => ({
            ref: { type: 'ref/prompt', name: each.name } as const,
            names: each.arguments.map((argument) => argument.name),
          })),
        ];
        for (const { ref, names } of refs)
          for (const argument of names)
            for (const value of ['', 'Secret', 'zq', 'ag_', 'run_'])
              for (const given of [{}, { run_id: of.run_ids[0] ?? '' }]) {
                const params = { ref, argument: { name: argument, value }, context: { arguments: given } };
                const text = await who.told((client) => client.complete(params));
                expect(leaksIn(text, params), text).toEqual([]);
                if (argument === 'contact_id' && 'run_id' in given) expect(text).toContain('"values":[]');
              }
      });

      it('isn’t in a prompt, and no prompt takes it', async () => {
        const { who, own } = outsider(name);
        for (const [prompt, argumentsOf] of Object.entries(PROMPT_CASES)) {
          const text = await who.told((client) => client.getPrompt({ name: prompt, arguments: argumentsOf(own) }));
          expect(text).toContain('messages');
          expect(leaksIn(text), text).toEqual([]);
        }
        const by: [string, Record<string, string>][] = [
          ['improve_playbook', { agent_id: of.agent_id }],
          ['review_pending', { agent_id: of.agent_id }],
          ['debrief_run', { run_id: of.run_ids[0] ?? '' }],
        ];
        for (const [prompt, args] of by) {
          const text = await who.told((client) => client.getPrompt({ name: prompt, arguments: args }));
          expect(text).toContain('NOT_FOUND');
          expect(leaksIn(text, args), text).toEqual([]);
        }
      });

      it('counts in no notice and changes no subscription', async () => {
        const { who } = outsider(name);
        const page = pageFrom({});
        const [before, whole] = [
          await pendingFingerprint(who.house, page),
          await pendingFingerprint(of.team.house, page),
        ];
        const more = await of.mia.call('create_agent', {
          name: 'Another zqnamez',
          capabilities: ['notes'],
          playbook: { rules: [{ name: 'all', propose: [{ type: 'note', params: { body: `zqbodyz for ${name}` } }] }] },
        });
        await of.mia.call('trigger_agent', { agent_id: more.agent.id, contact_ids: ['ann'], wait_seconds: 30 });
        expect(await pendingFingerprint(of.team.house, page)).not.toBe(whole);
        expect(await pendingFingerprint(who.house, page)).toBe(before);
        const fresh = await of.team.member(`fresh-${name.length}`, who.person.member ?? {});
        const waiting = await fresh.house.read((view) => view.waiting().size + view.changes().length);
        const { notice } = await fresh.call('list_templates');
        expect(notice === undefined).toBe(waiting === 0);
      });
    });

  it('is untouched by all of that', async () => {
    const { agent } = await of.mia.call('get_agent', { agent_id: of.agent_id });
    expect(agent).toMatchObject({ version: 1, description: 'zqdescz', owner: 'p_mia', team: 1 });
    const { actions } = await of.mia.call('list_pending_actions', { agent_id: of.agent_id });
    expect(actions).toHaveLength(2);
    const { thread } = await of.mia.call('get_thread', { thread_id: of.thread_id });
    expect(thread).toMatchObject({ status: 'open', messages: [{ content: 'zqsaidz' }, { content: 'zqansweredz' }] });
  });
});
