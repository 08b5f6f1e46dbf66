import { describe, expect, it } from 'vitest';
import { TEMPLATES } from '../../src/domain/templates/index.ts';
import { inProcess } from '../support/in-process.ts';

const PERSON = { id: '1', email: 'm@alder.example', signup: '2020-01-05', plan: 'Pro', score: 12, 'Deal Size': 3 };
const COOLDOWN = expect.stringContaining('limits.cooldown_days is not set');

/** A home with one contact, and what warns of an agent with this rule or filter. */
async function scene(contacts: object[] = [PERSON]) {
  const { call } = inProcess();
  if (contacts.length > 0) await call('import_contacts', { contacts });
  const { identity } = await call('save_identity', { name: 'Sam', email: 'sam@acme.example' });
  let made = 0;
  const warned = async (agent: object): Promise<string[]> => {
    made += 1;
    const base = {
      name: `A${made}`,
      capabilities: ['email', 'notes'],
      limits: { cooldown_days: 3 },
      identity_id: identity.id,
    };
    const { agent: saved, warnings } = await call('create_agent', { ...base, ...agent });
    expect((await call('get_agent', { agent_id: saved.id })).warnings).toEqual(warnings);
    return warnings;
  };
  const ofFilter = (filter: object) => warned({ playbook: { playbook_md: 'x' }, monitoring: { filter } });
  const ofRule = (rule: object) => warned({ playbook: { rules: [{ name: 'r', propose: [], ...rule }] } });
  const ofEmail = (message: string) =>
    ofRule({ propose: [{ type: 'email_message', params: { subject: 'Hello', message } }] });
  return { call, warned, ofFilter, ofRule, ofEmail };
}

describe('a filter that finds all or nobody', () => {
  const cases: [object, string[]][] = [
    [{ signup: { $gte: '-30d' } }, ['"-30d" is no date']],
    [{ score: { gt: 5 } }, ['"gt" is taken for a part of the value. The operator is "$gt".']],
    [{ Plan: 'Pro' }, ['no contact has a field "Plan". The closest one is "plan".']],
    [{ plan: { $regex: '/^pro$/i' } }, ['Write {"$regex":"^pro$","$options":"i"}']],
    [{ Plan: { $ne: 'Pro' } }, ['no contact has a field "Plan"']],
    [
      { $or: [{ first_name: 'Ann' }, { nope: 1 }] },
      ['The closest one is "firstname"', 'no contact has a field "nope"'],
    ],
    [{ signup: { $gte: '01/05/2020' } }, ['isn\'t written like the dates in "signup", as "2020-01-05"']],
    [{ score: { $gt: '5' } }, ['"5" is a string, and "score" holds numbers, as 12']],
    [{ plan: { $in: [1] } }, ['1 is a number, and "plan" holds strings']],
    [{ signup: { $ne: '-30d' } }, ['"-30d" is no date, and "signup" holds dates, as "2020-01-05": none equals it']],
    [{ signup: { $in: ['2020-01-05', 'last week'] } }, ['"last week" is no date']],
    [{ plan: { $not: { $regex: '/x/' } } }, ['Write {"$regex":"x"}']],
    [{ plan: { $in: ['Free', '/pro/i'] } }, ['Write {"$regex":"pro","$options":"i"}']],
    [{ score: { min: 5 } }, ['"min" is taken for a part of the value. The operator is "$gte".']],
    [{ score: { between: [1, 5] } }, ['The operator is "$gte" and "$lte".']],
    [{ score: { atLeast: 5, 'less than': 9 } }, ['The operator is "$gte".', 'The operator is "$lt".']],
    [{ do_not_email: 'false' }, ['"false" is a string, and "do_not_email" holds booleans, as false']],
    [{ bounced: { $ne: 'yes' } }, ['"yes" is a string, and "bounced" holds booleans']],
    [{ plan: true }, ['true is a boolean, and "plan" holds strings, as "Pro"']],
  ];

  it.each(cases)('warns where it is listed by and where it is saved: %j', async (filter, words) => {
    const { call, ofFilter, ofRule } = await scene();
    const listed = await call('list_contacts', { filter });
    const told = [
      [listed.warnings, 'filter.'],
      [await ofFilter(filter), 'monitoring.filter.'],
      [await ofRule({ when: { contact: filter } }), 'playbook.rules[0].when.contact.'],
    ];
    for (const [warnings, path] of told) {
      expect(warnings).toEqual(words.map((each) => expect.stringContaining(each)));
      for (const warning of warnings ?? []) expect(warning.startsWith(path)).toBe(true);
    }
    // Warnings stand before the rows, since some clients cut the end off.
    expect(Object.keys(listed)[0]).toBe('warnings');
  });

  it.each([
    {},
    { plan: 'Pro', score: { $gte: 10 }, signup: { $lt: '2026-01-31' } },
    { 'Deal Size': { $gt: 1 }, email: { $exists: true }, do_not_email: { $ne: true } },
    { phone: { $exists: false }, bounced: { $ne: true }, created_at: { $gte: '2020-01-01' } },
    { plan: { $regex: '^pro$', $options: 'i' } },
  ])('draws no warning where it is a good one: %j', async (filter) => {
    const { call, ofFilter, ofRule } = await scene();
    expect(await call('list_contacts', { filter })).not.toHaveProperty('warnings');
    expect(await ofFilter(filter)).toEqual([]);
    expect(await ofRule({ when: { contact: filter } })).toEqual([]);
  });

  it('does not find all where it says a time from now on', async () => {
    const { call } = await scene();
    expect(await call('list_contacts', { filter: { signup: { $gte: '-30d' } } })).toMatchObject({ total: 0 });
  });

  it('draws no warning for its fields while there are no contacts', async () => {
    const { call, ofFilter } = await scene([]);
    expect(await call('list_contacts', { filter: { Plan: 'Pro' } })).not.toHaveProperty('warnings');
    expect(await ofFilter({ Plan: 'Pro' })).toEqual([]);
    expect(await ofFilter({ score: { gt: 5 } })).toHaveLength(1);
  });

  it('knows a field that only an old contact has', async () => {
    const many = Array.from({ length: 150 }, (_, index) => ({ id: `n${index}`, email: `n${index}@example.com` }));
    const { call } = await scene([PERSON]);
    await call('import_contacts', { contacts: many });
    expect(await call('list_contacts', { filter: { plan: 'Pro' } })).not.toHaveProperty('warnings');
  });
});

describe("a rule's windows", () => {
  it('warn of fields that no event has, and of times from now on', async () => {
    const { ofRule } = await scene();
    const rule = {
      when: {
        events: [{ match: { path: '/pricing', timestamp: { $gte: '-7d' } } }],
        recent_actions: [{ match: { type: 'email_message', subject: 'Hello' }, within: '7d' }],
      },
    };
    expect(await ofRule(rule)).toEqual([
      expect.stringMatching(/events\[0\]\.match\.timestamp\.\$gte: "-7d" is no date.*within: "30d"/),
      expect.stringMatching(/match\.path: an event has no field "path".*"properties\.path" is meant/),
      expect.stringMatching(/an earlier action has no field "subject".*"params\.subject" is meant/),
    ]);
    const good = { events: [{ match: { type: 'page', 'properties.path': { $regex: '/pricing/' } }, within: '7d' }] };
    expect(await ofRule({ when: good })).toEqual([]);
  });
});

describe('a template in a rule', () => {
  it.each([
    [
      'Hi {{ first_name }},',
      '"first_name" stands for nothing in a template, so it prints nothing: perhaps contact.firstname',
    ],
    ['Hi {{ contact.first_name }},', 'contact.first_name prints nothing: imports file it under contact.firstname'],
    ['Hi {{ unified_profile["First Name"] }},', 'imports file it under unified_profile.firstname'],
    ['Hi {{ contact.FIRSTNAME }},', 'imports file it under contact.firstname'],
    ['{% if contact.email_address %}x{% endif %}', 'imports file it under contact.email'],
    ['Hi {{ Contact.firstname }},', 'the closest name is contact'],
    ['Hi *|FNAME|*,', "*|FNAME|* goes out as it stands: it is another tool's merge tag"],
    ['Hi %FIRSTNAME%,', '%FIRSTNAME% goes out as it stands'],
    ['Hi [First Name],', '[First Name] goes out as it stands'],
    ['{{ unsubscribe_link }}', '"unsubscribe_link" stands for nothing'],
    ['{{ constructor }}', '"constructor" stands for nothing'],
    ["Hi {{ contact.firstname or 'there' }},", 'prints true or false'],
    ['Hi {{ contact.plann }},', 'prints nothing: no contact has a field "plann". The closest one is contact.plan.'],
    ['{{ contact.deal_size }}', 'The closest one is contact["Deal Size"].'],
    ['{{ unified_profile["deal size"] }}', 'The closest one is unified_profile["Deal Size"].'],
    ['Hi {{ contact.name }},', 'no contact has a field "name". The closest one is contact.firstname.'],
    ['Hi $firstname,', '$firstname goes out as it stands'],
    ['Hi #FIRSTNAME#,', '#FIRSTNAME# goes out as it stands'],
    ['Hi @first_name@,', '@first_name@ goes out as it stands'],
    ['Hi -firstname-,', '-firstname- goes out as it stands'],
    ['{% for item in event %}x{% endfor %}', 'the closest name is events'],
  ])('warns of what will not come out: %s', async (text, words) => {
    const { ofEmail } = await scene();
    expect(await ofEmail(text)).toEqual([expect.stringContaining(words)]);
    expect((await ofEmail(text))[0]).toMatch(/^playbook\.rules\[0\]\.propose\[0\]\.params\.message: /);
  });

  it.each(["Hi {{ contact.firstname || 'there' }},", "Hi {{ contact.a ? 'x' : 'y' }},", "Hi {{ contact.a ?: 'y' }}"])(
    'is refused, with what to write, where Liquid itself refuses it: %s',
    async (text) => {
      const { ofEmail } = await scene();
      await expect(ofEmail(text)).rejects.toThrow(/an output has no operators.*default: "there"/);
    },
  );

  it.each([
    'Hi {{ contact.firstname | default: "there" }},',
    '{% assign name = contact.firstname | default: "you" %}Hi {{ name }} {{ contact["Deal Size"] }}',
    '{% for event in events %}{{ event.name }}{{ forloop.index }}{% endfor %} {{ now | date: "%B" }}',
    '{% capture line %}{{ identity.name }}{% endcapture %}{{ line }} {{ agent.playbook.config.offer }}',
    '{{ unified_profile.top_pages[0].path }} {{ recent_actions.size }} {{ contact.plan }} {{ unified_profile.events_7d }}{{ contact.bounced_at }}',
    'Save 50% [today](https://acme.example) {% if contact.company or contact.plan %}x{% endif %}',
  ])('draws no warning where it is a good one: %s', async (text) => {
    const { ofEmail } = await scene();
    expect(await ofEmail(text)).toEqual([]);
  });

  it('draws no warning for its fields while there are no contacts', async () => {
    const { call, ofEmail } = await scene([]);
    expect(await ofEmail('{{ contact.plann }} {{ contact.name }}')).toEqual([]);
    await call('import_contacts', { contacts: [{ ...PERSON, name: 'Mira Alder' }] });
    expect(await ofEmail('{{ contact.plan }} {{ contact.name }}')).toEqual([]);
  });

  it('may hold the placeholders of whatever program it is posted to', async () => {
    const { warned } = await scene();
    const propose = [{ type: 'webhook', params: { payload: { text: 'Hi {name}, {{ first_name }}' } } }];
    const warnings = await warned({ capabilities: ['webhook'], playbook: { rules: [{ name: 'r', propose }] } });
    expect(warnings.filter((warning) => warning.includes('params.payload'))).toEqual([
      expect.stringContaining('"first_name" stands for nothing'),
    ]);
  });

  it.each(TEMPLATES.map(({ name }) => name))('draws no warning where it is shipped: %s', async (playbook_template) => {
    const { warned } = await scene();
    const warnings = await warned({ playbook_template, capabilities: ['email', 'notes', 'linkedin'], limits: {} });
    expect(
      warnings.filter((warning) => /playbook\.rules\[\d+\]\.(?:when|propose|reasoning)|limits\./.test(warning)),
    ).toEqual([]);
  });
});

describe('an agent that may email', () => {
  const rule = { name: 'r', propose: [{ type: 'email_message', params: { subject: 'Hi', message: 'Hello.' } }] };

  it('is warned of where nothing keeps it from writing again', async () => {
    const { warned } = await scene();
    expect(await warned({ limits: {}, playbook: { rules: [rule] } })).toEqual([COOLDOWN]);
    expect(await warned({ limits: {}, playbook: { playbook_md: 'x' } })).toEqual([COOLDOWN]);
    expect(await warned({ limits: { max_per_contact_per_week: 2 }, playbook: { playbook_md: 'x' } })).toEqual([
      COOLDOWN,
    ]);
  });

  it('is not where a cooldown or the rules themselves do', async () => {
    const { warned } = await scene();
    const guarded = { ...rule, when: { recent_actions: [{ match: { type: 'email_message' }, at_most: 0 }] } };
    const skip = { name: 's', when: { recent_actions: [{ within: '5d' }] }, propose: [] };
    expect(await warned({ playbook: { playbook_md: 'x' } })).toEqual([]);
    expect(await warned({ limits: {}, playbook: { rules: [guarded] } })).toEqual([]);
    expect(await warned({ limits: {}, playbook: { rules: [skip, rule] } })).toEqual([]);
    expect(await warned({ limits: {}, capabilities: ['notes'], playbook: { playbook_md: 'x' } })).toEqual([]);
  });
});
