import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Connection, startServer } from '../support/server.ts';

/** The most characters of an error that somebody caused with very much input. */
const SMALL = 8_000;
/** A search for this has to look at a thousand places at once, in every text of these letters. */
const SLOW = 'b.{999}$';
const TEXT = lettersOf(5_000);

/** Letters in no order, the same ones each time. */
function lettersOf(length: number): string {
  let seed = 1;
  let text = '';
  for (let at = 0; at < length; at++) {
    seed = (seed * 48_271) % 2_147_483_647;
    text += 'abc'[seed % 3];
  }
  return text;
}

let server: Connection;
beforeAll(async () => {
  server = await startServer();
  for (let part = 0; part < 10; part++)
    await server.call('import_contacts', {
      contacts: Array.from({ length: 200 }, (_, at) => ({ id: `c${part}-${at}`, bio: TEXT, tags: ['x', 'y'] })),
    });
});
afterAll(() => server.close());

/** How many calls one after the other were answered before a heavy call that was made first; and its answer. */
async function answeredBefore<T>(heavy: Promise<T>): Promise<{ calls: number; value: T }> {
  let isOver = false;
  const others = async () => {
    let calls = 0;
    for (; !isOver; calls++) await server.call('list_runs', { limit: 1 });
    return calls;
  };
  const over = () => {
    isOver = true;
  };
  const [value, calls] = await Promise.all([heavy.finally(over), others()]);
  return { calls, value };
}

/** An agent with one rule, and what becomes of its run over 25 contacts. */
async function runOf(rule: Record<string, unknown>) {
  const { agent } = await server.call('create_agent', {
    name: 'Heavy',
    capabilities: ['notes'],
    playbook: { rules: [{ name: 'heavy', propose: [{ type: 'note', params: { body: 'Hello' } }], ...rule }] },
  });
  const { run_id } = await server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 0 });
  let calls = 0;
  for (; ; calls++) {
    const { run } = await server.call('get_run', { run_id });
    if (run.status !== 'queued' && run.status !== 'running') return { run, calls };
  }
}

describe('a filter that takes much work', () => {
  it('lets other calls through, and ends in an error that names it', async () => {
    const { calls, value: error } = await answeredBefore(
      server.refusal('list_contacts', { filter: { bio: { $regex: SLOW } } }),
    );
    expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('filter') });
    expect(error.details).toHaveProperty('filter');
    expect(calls).toBeGreaterThan(10);
  });

  it.each([
    ['200,000 conditions', { $or: Array.from({ length: 200_000 }, (_, at) => ({ email: `x${at}` })) }],
    ['19,000 names', Object.fromEntries(Array.from({ length: 19_000 }, (_, at) => [`f${at}`, null]))],
    ['200,000 values', { email: { $in: Array.from({ length: 200_000 }, (_, at) => ({ at })) } }],
    ['1,000 patterns', { $or: Array.from({ length: 1_000 }, () => ({ bio: { $regex: '[ab]+c?d$' } })) }],
  ])('is refused for %s, in a few words', async (_what, filter) => {
    const error = await server.refusal('list_contacts', { filter });
    expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('filter') });
    expect(JSON.stringify(error).length).toBeLessThan(SMALL);
  });

  it('says what it warns of in twenty lines', async () => {
    const filter = { $or: Array.from({ length: 1_000 }, (_, at) => ({ [`f${at}`]: { $gt: '-30d' } })) };
    const { warnings } = await server.call('list_contacts', { filter });
    expect(warnings).toHaveLength(21);
    expect(warnings.at(-1)).toMatch(/^\d+ more warnings/);
  });

  it('keeps no agent from being triggered for contacts that are named', async () => {
    const { agent } = await server.call('create_agent', {
      name: 'Searching',
      capabilities: ['notes'],
      monitoring: { filter: { bio: { $regex: SLOW } } },
      playbook: { rules: [{ name: 'all', propose: [{ type: 'note', params: { body: 'Hello' } }] }] },
    });
    const error = await server.refusal('trigger_agent', { agent_id: agent.id });
    expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', details: { 'monitoring.filter': expect.any(String) } });
    const named = await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['c0-0'], wait_seconds: 10 });
    expect(named.status).toBe('completed');
  });
});

describe('a rule that takes much work on every contact', () => {
  it.each([
    ['a loop', '{% for i in (1..300000) %}{% assign x = i | plus: 1 %}{% endfor %}'],
    ['dates in a zone', '{% for i in (1..20000) %}{{ now | date: "%Y", "Europe/Amsterdam" }}{% endfor %}'],
    ['comparisons', '{% for i in (1..300000) %}{% if contact.bio contains "zz" %}x{% endif %}{% endfor %}'],
  ])('by %s ends its run after twenty contacts, and others are answered meanwhile', async (_what, body) => {
    const { run, calls } = await runOf({ propose: [{ type: 'note', params: { body } }] });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'LIMIT_EXCEEDED' }, summary: { errors: 20 } });
    expect(run.error.message).toContain('playbook.rules[0].propose[0].params.body');
    expect(run.contact_results[0].error).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(calls).toBeGreaterThan(2);
  });

  it('is refused when it is saved, where reading it would take long', async () => {
    const bodies = ['{{ a }}'.repeat(10_000), '{{'.repeat(40_000), `{% liquid${'\n assign a = b'.repeat(5_000)} %}`];
    for (const body of bodies) {
      const rules = [{ name: 'long', propose: [{ type: 'note', params: { body } }] }];
      const error = await server.refusal('create_agent', { name: 'Long', playbook: { rules } });
      expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('playbook.rules') });
      expect(JSON.stringify(error).length).toBeLessThan(SMALL);
    }
  });
});

describe('an error about very many things', () => {
  it('names the first unknown arguments, and says how many more there are', async () => {
    const args = Object.fromEntries(Array.from({ length: 19_000 }, (_, at) => [`argument${at}`, null]));
    const error = await server.refusal('list_contacts', args);
    expect(JSON.stringify(error).length).toBeLessThan(SMALL);
    expect(error.code).toBe('VALIDATION_ERROR');
    expect(error.message).toContain('argument0: unknown argument. Did you mean');
    expect(error.message).toMatch(/ and 18,?9\d\d more\.$/);
    expect(Object.values(error.details ?? {}).at(-1)).toMatch(/^and 189\d{2} more problems$/);
  });

  it('is small for a tool with a name that is long and unknown', async () => {
    const said = await server.raw('x'.repeat(2_000_000)).catch(String);
    expect(said).toContain('characters in all');
    expect(said.length).toBeLessThan(SMALL);
  });

  it.each([
    ['values that are wrong', 'import_contacts', { contacts: Array.from({ length: 50_000 }, () => 1) }],
    ['a name without end', 'list_contacts', { ['x'.repeat(5_000_000)]: 1 }],
    ['an unknown id without end', 'get_run', { run_id: 'x'.repeat(5_000_000) }],
    ['an operator without end', 'list_contacts', { filter: { [`$${'x'.repeat(5_000_000)}`]: 1 } }],
    ['text where a number should be', 'list_runs', { limit: 'x'.repeat(5_000_000) }],
    [
      'rules that are all wrong',
      'create_agent',
      {
        name: 'Wrong',
        playbook: {
          rules: Array.from({ length: 200 }, () => ({ name: 'r', when: { contact: { a: { $no: 1 } } }, propose: [] })),
        },
      },
    ],
  ])('is small for %s', async (_what, name, args) => {
    const error = await server.refusal(name, args);
    expect(JSON.stringify(error).length).toBeLessThan(2 * SMALL);
  });
});
