import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROMPTS } from '../../src/mcp/prompts/index.ts';
import { promptsFor } from '../../src/mcp/prompts/serve-prompts.ts';
import { TOOLS } from '../../tools/index.ts';
import { type Connection, startServer } from '../support/server.ts';

const ALL = new Set(TOOLS.map((tool) => tool.name));
/** Fields and values that steps name. Any other word with a "_" has to be a tool, an argument or a key of a result. */
const WORDS = [
  'playbook_md',
  'playbook_template',
  'max_contacts_per_run',
  'crm_sync',
  'not_sent',
  'awaiting_evaluation',
];
const RULES = [{ name: 'all', propose: [{ type: 'note', params: { body: 'Call {{ contact.firstname }}' } }] }];

let server: Connection;
let given: Record<string, Record<string, string>>;
beforeAll(async () => {
  server = await startServer();
  await server.call('import_contacts', {
    contacts: ['a', 'b', 'c'].map((id) => ({ id, firstname: id, TotalVisits: 3 })),
  });
  const fields = { name: 'Follow-up', capabilities: ['notes'], playbook: { rules: RULES } };
  const { agent } = await server.call('create_agent', fields);
  const { run_id } = await server.call('trigger_agent', { agent_id: agent.id });
  const at = { run_id, action_index: 0 };
  await server.call('reject_action', { ...at, contact_id: 'a', reason: 'Never before nine' });
  await server.call(
    'approve_action',
    await server.shown({ ...at, contact_id: 'b', params: { body: 'Ring b, kindly' } }),
  );
  given = {
    author_agent: { goal: 'Win back people who left', template: 'cold_outreach' },
    improve_playbook: { agent_id: 'follow-up' },
    review_pending: { agent_id: agent.id, run_id },
    debrief_run: { run_id },
  };
});
afterAll(() => server.close());

const toolsIn = (text: string) =>
  new Set((text.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? []).filter((word) => ALL.has(word)));

describe('the prompts', () => {
  it('are the four that clients rely on', async () => {
    const listed = await server.prompts();
    expect(listed.map(({ name }) => name)).toEqual([
      'author_agent',
      'improve_playbook',
      'review_pending',
      'debrief_run',
    ]);
    for (const prompt of listed) {
      expect(prompt.title.length).toBeGreaterThan(3);
      expect(prompt.description.length).toBeGreaterThan(20);
      for (const argument of prompt.arguments) expect(argument.description.length).toBeGreaterThan(10);
    }
    expect(
      listed.flatMap((prompt) => prompt.arguments.filter((argument: { required: boolean }) => argument.required)),
    ).toHaveLength(2);
  });

  it.each(PROMPTS)('$name shows only calls that the tools would take', async ({ name }) => {
    const text = await server.prompt(name, given[name]);
    const calls = [...text.matchAll(/`([a-z_]+) (\{[^`]*\})`/g)];
    expect(calls.length).toBeGreaterThan(1);
    for (const [call, toolName, json = ''] of calls) {
      const tool = TOOLS.find((item) => item.name === toolName);
      expect(tool?.input.safeParse(JSON.parse(json)), call).toMatchObject({ success: true });
    }
  });

  it.each(PROMPTS)('$name speaks only of tools and arguments that there are', async ({ name }) => {
    const [steps = ''] = (await server.prompt(name, given[name])).split('<data>');
    const known = new Set([
      ...TOOLS.flatMap((tool) => [tool.name, ...Object.keys(tool.input.shape), ...Object.keys(tool.output)]),
      ...Object.values(given).flatMap((args) => Object.values(args)),
    ]);
    const unknown = (steps.match(/\b[a-z]+(?:_[a-z0-9]+)+\b/g) ?? []).filter(
      (word) => !known.has(word) && !WORDS.includes(word),
    );
    expect(unknown).toEqual([]);
  });

  it.each(PROMPTS)(
    '$name is offered where the tools that it leads through are, and names no others',
    async ({ name, needs }) => {
      for (const tool of needs) {
        const offered = new Set([...ALL].filter((item) => item !== tool));
        expect(
          promptsFor(offered).map((prompt) => prompt.name),
          tool,
        ).not.toContain(name);
      }
      expect(promptsFor(new Set(needs)).map((prompt) => prompt.name)).toContain(name);
      const { steps, opening } = PROMPTS.find((prompt) => prompt.name === name) ?? { steps: () => [], opening: '' };
      for (const { needs: more = [], say } of steps({ agent_id: 'ag', run_id: 'run' })) {
        const named = toolsIn(say);
        expect(
          [...named].filter((tool) => !needs.includes(tool) && !more.includes(tool)),
          say,
        ).toEqual([]);
      }
      expect(toolsIn(opening).size).toBe(0);
    },
  );

  it('are short enough to be read', async () => {
    for (const { name } of PROMPTS) expect((await server.prompt(name, given[name])).length, name).toBeLessThan(9_000);
  });
});
