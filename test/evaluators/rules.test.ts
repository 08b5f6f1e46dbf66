import { describe, expect, it } from 'vitest';
import { ruleSchema } from '../../src/domain/agents/rule.ts';
import type { ContactEvent, RecentAction } from '../../src/domain/contacts/contact.ts';
import { unifiedProfile } from '../../src/domain/contacts/profile.ts';
import type { Evaluation } from '../../src/evaluators/evaluator.ts';
import { rulesEvaluator } from '../../src/evaluators/rules.ts';
import { aContact, anAgent, anIdentity, NOW } from '../support/fixtures.ts';

const HOUR = 3_600_000;

function at(hoursAgo: number): string {
  return new Date(Date.parse(NOW) - hoursAgo * HOUR).toISOString();
}

function view(hoursAgo: number, path = '/pricing'): ContactEvent {
  return { contact_id: 'ct_1', type: 'page', properties: { path }, timestamp: at(hoursAgo) };
}

function email(hoursAgo: number, status = 'executed'): RecentAction {
  return {
    type: 'email_message',
    status,
    params: { subject: 'Hi' },
    agent_id: 'ag_2',
    run_id: 'run_2',
    at: at(hoursAgo),
  };
}

type Given = {
  rules: unknown[];
  config?: Record<string, unknown>;
  contact?: Record<string, unknown>;
  events?: ContactEvent[];
  actions?: RecentAction[];
};

async function evaluate(given: Given): Promise<Evaluation> {
  const now = new Date(NOW);
  const contact = aContact({ id: 'ct_1', firstname: 'Mara', ...given.contact });
  const events = given.events ?? [];
  const rules = given.rules.map((rule) => ruleSchema.parse(rule));
  const agent = anAgent({ name: 'Pricing helper', playbook: { playbook_md: '', rules, config: given.config ?? {} } });
  const profile = unifiedProfile(contact, { activity: { events, notes: [] }, actions: [], outbound: new Set(), now });
  const identity = anIdentity({ name: 'Sam' });
  const context = {
    contact,
    events,
    recent_actions: given.actions ?? [],
    rejections: [],
    unified_profile: profile,
    agent,
    identity,
    now,
  };
  return rulesEvaluator.prepare(agent)(context, new AbortController().signal);
}

function note(body: string): { type: string; params: Record<string, unknown> }[] {
  return [{ type: 'note', params: { body } }];
}

describe('when a rule matches', () => {
  const several = {
    name: 'pricing visit',
    when: { events: [{ match: { type: 'page' }, within: '7d', at_least: 2 }] },
    propose: note('x'),
  };

  it('counts the events of a window, also at its edge, but none in the future', async () => {
    const edge = { rules: [several], events: [view(7 * 24), view(1)] };
    expect((await evaluate(edge)).proposed_actions).toHaveLength(1);
    const tooOld = { rules: [several], events: [view(7 * 24 + 0.001), view(1)] };
    expect((await evaluate(tooOld)).proposed_actions).toEqual([]);
    const future = { rules: [several], events: [view(1), view(-1)] };
    expect((await evaluate(future)).proposed_actions).toEqual([]);
  });

  it('needs one event unless at_least says otherwise, and none where at_most is given', async () => {
    const one = { name: 'one', when: { events: [{ within: '1d' }] }, propose: note('x') };
    expect((await evaluate({ rules: [one] })).proposed_actions).toEqual([]);
    expect((await evaluate({ rules: [one], events: [view(1)] })).proposed_actions).toHaveLength(1);
    const quiet = { name: 'quiet', when: { events: [{ within: '1d', at_most: 0 }] }, propose: note('x') };
    expect((await evaluate({ rules: [quiet] })).proposed_actions).toHaveLength(1);
    expect((await evaluate({ rules: [quiet], events: [view(1)] })).proposed_actions).toEqual([]);
  });

  it('takes a window that its playbook’s settings make', async () => {
    const within = '{{ agent.playbook.config.days | default: 5 | plus: 1 }}d';
    const rules = [{ name: 'quiet', when: { events: [{ within, at_most: 0 }] }, propose: note('x') }];
    const events = [view(7 * 24)];
    expect((await evaluate({ rules, events })).proposed_actions).toHaveLength(1);
    const longer = await evaluate({ rules, events, config: { days: 6 } });
    expect(longer.proposed_actions).toEqual([]);
    expect(longer.reasoning).toContain('1 event in 7d (allows at most 0)');
  });

  it('needs contact, events and recent actions to hold together', async () => {
    const rule = {
      name: 'lead not written to',
      when: {
        contact: { lifecycle_stage: 'lead' },
        events: [{ match: { 'properties.path': '/pricing' } }],
        recent_actions: [{ match: { type: 'email_message' }, within: '14d', at_most: 0 }],
      },
      propose: note('x'),
    };
    const holds = { rules: [rule], contact: { lifecycle_stage: 'lead' }, events: [view(1)], actions: [email(15 * 24)] };
    expect((await evaluate(holds)).proposed_actions).toHaveLength(1);
    expect((await evaluate({ ...holds, contact: {} })).proposed_actions).toEqual([]);
    expect((await evaluate({ ...holds, events: [view(1, '/blog')] })).proposed_actions).toEqual([]);
    expect((await evaluate({ ...holds, actions: [email(14 * 24)] })).proposed_actions).toEqual([]);
  });

  it('lets the first match win', async () => {
    const rules = [
      { name: 'a', propose: note('first') },
      { name: 'b', propose: note('second') },
    ];
    expect(await evaluate({ rules })).toEqual({
      reasoning: 'Rule “a” matched: it has no conditions.',
      proposed_actions: note('first'),
      rules: [0],
    });
  });

  it('adds up rules that do not stop', async () => {
    const rules = [
      { name: 'a', propose: note('first'), reasoning: 'one', stop: false },
      { name: 'b', when: { contact: { id: 'other' } }, propose: note('never') },
      { name: 'c', propose: note('second'), reasoning: 'two' },
      { name: 'd', propose: note('third') },
    ];
    expect(await evaluate({ rules })).toEqual({
      reasoning: 'one\ntwo',
      proposed_actions: [...note('first'), ...note('second')],
      rules: [0, 2],
    });
  });
});

describe('what a rule proposes', () => {
  it('renders strings at any depth and passes everything else through', async () => {
    const params = {
      fields: { stage: 'hot', score: 7, ok: true, none: null, greeting: 'Hi {{ contact.firstname }}' },
      list: ['{{ events.size }} views', 2, { inner: '{{ now }}' }],
    };
    const rules = [{ name: 'a', propose: [{ type: 'crm_update', params }] }];
    const { proposed_actions } = await evaluate({ rules, events: [view(2), view(1)] });
    expect(proposed_actions).toEqual([
      {
        type: 'crm_update',
        params: {
          fields: { stage: 'hot', score: 7, ok: true, none: null, greeting: 'Hi Mara' },
          list: ['2 views', 2, { inner: NOW }],
        },
      },
    ]);
  });

  it('knows all that the contract promises', async () => {
    const text =
      '{{ contact.id }} {{ events.first.type }} {{ recent_actions.first.status }} {{ unified_profile.events_7d }} {{ agent.name }} {{ identity.name }}';
    const { reasoning } = await evaluate({
      rules: [{ name: 'a', propose: [], reasoning: text }],
      events: [view(1)],
      actions: [email(1)],
    });
    expect(reasoning).toBe('ct_1 page executed 1 Pricing helper Sam');
  });

  it('takes a contact’s name that looks like Liquid for plain text', async () => {
    const rules = [{ name: 'a', propose: note('Hi {{ contact.firstname }}') }];
    const { proposed_actions } = await evaluate({ rules, contact: { firstname: '{{ agent.name }}' } });
    expect(proposed_actions).toEqual(note('Hi {{ agent.name }}'));
  });

  it('fails for one contact, naming rule and field', async () => {
    const rules = [{ name: 'greedy', propose: note('{% for i in (1..contact.n) %}{{ i }}{% endfor %}') }];
    await expect(evaluate({ rules, contact: { n: 90_000_000 } })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringMatching(/“greedy”.*playbook\.rules\[0\]\.propose\[0\]\.params\.body/),
    });
    expect((await evaluate({ rules, contact: { n: 2 } })).proposed_actions).toEqual(note('12'));
  });
});

describe('the reasoning of a rule without its own text', () => {
  it('names the rule and what held', async () => {
    const rule = {
      name: 'pricing visit',
      when: {
        contact: { lifecycle_stage: 'lead' },
        events: [{ match: { type: 'page' }, within: '7d', at_least: 2 }],
        recent_actions: [{ within: '14d', at_most: 0 }],
      },
      propose: note('x'),
    };
    const { reasoning } = await evaluate({
      rules: [rule],
      contact: { lifecycle_stage: 'lead' },
      events: [view(3), view(2), view(1)],
    });
    expect(reasoning).toBe(
      'Rule “pricing visit” matched: contact.lifecycle_stage is "lead", 3 events matching {"type":"page"} in 7d, 0 actions in 14d.',
    );
  });

  it('says for each rule what kept it from matching', async () => {
    const rules = [
      { name: 'lead', when: { contact: { email: { $exists: true }, lifecycle_stage: 'lead' } }, propose: note('x') },
      { name: 'visit', when: { events: [{ match: { type: 'page' }, within: '7d', at_least: 2 }] }, propose: note('x') },
      { name: 'silent', when: { recent_actions: [{ within: '14d', at_most: 0 }] }, propose: note('x') },
      { name: 'any', when: { contact: { $or: [{ city: 'Oslo' }] } }, propose: note('x') },
    ];
    const { reasoning, proposed_actions } = await evaluate({ rules, events: [view(1)], actions: [email(1)] });
    expect(proposed_actions).toEqual([]);
    expect(reasoning).toBe(
      'No rule matched: “lead”: contact.lifecycle_stage is missing (needs "lead"); ' +
        '“visit”: 1 event matching {"type":"page"} in 7d (needs at least 2); ' +
        '“silent”: 1 action in 14d (allows at most 0); ' +
        '“any”: the contact does not fit $or [{"city":"Oslo"}].',
    );
  });

  it('says that there are no rules, where there are none', async () => {
    expect(await evaluate({ rules: [] })).toEqual({
      reasoning: 'No rule matched: the playbook has no rules.',
      proposed_actions: [],
    });
  });
});
