/** A stored script, as strangers write it into every field there is. */
export const SCRIPT = '<img src=x onerror="document.title=\'pwned\'"><script>document.title="pwned"</script>';

export type FakeRow = Record<string, unknown> & {
  run_id: string;
  contact_id: string;
  action_index: number;
  status: string;
  digest: string;
  params: Record<string, unknown>;
};

const MINUTE = 60_000;
export const NOW = Date.parse('2026-11-30T10:00:00Z');

type Person = { first: string; last: string; email: string; company: string };

const PEOPLE: Person[] = [
  { first: 'Ada', last: 'Okafor', email: 'ada@northwind.example', company: 'Northwind' },
  { first: 'Bruno', last: 'Sá', email: 'bruno@contoso.example', company: 'Contoso' },
  { first: 'Chen', last: 'Wei', email: 'chen.wei@fabrikam.example', company: 'Fabrikam' },
  { first: 'Dana', last: 'Levi', email: 'dana@litware.example', company: 'Litware' },
  { first: 'Emil', last: 'Nowak', email: 'emil@tailspin.example', company: 'Tailspin Toys' },
  { first: 'Farah', last: 'Haddad', email: 'farah@adatum.example', company: 'Adatum' },
  { first: 'Gustav', last: 'Lindqvist', email: 'gustav@proseware.example', company: 'Proseware' },
  { first: 'Hana', last: 'Kim', email: 'hana.kim@wingtip.example', company: 'Wingtip' },
];

export function emailTo(at: number, more: Record<string, unknown> = {}): FakeRow {
  const person = PEOPLE[at % PEOPLE.length] ?? { first: 'Ada', last: 'Okafor', email: 'a@b.example', company: 'B' };
  const { first, last, email, company } = person;
  const message = `Hi ${first},

You looked at our pricing page twice this week. For a team of your size at ${company} the Growth plan is usually the cheapest: it has single sign-on, and you pay for the people who work with it, not for those who read.

I put the cost together for you, with and without the yearly discount. Shall I send it over, or would you rather have fifteen minutes on the phone on Thursday?

Best
Sam`;
  return {
    run_id: 'run_01',
    contact_id: `ct_${at}`,
    action_index: 0,
    agent_id: 'ag_pricing',
    agent_name: 'Pricing follow-up',
    type: 'email_message',
    status: 'pending_approval',
    digest: `digest-${at}`,
    nonce: `nonce-${at}`,
    needs: 'human',
    headline: `Working out the cost for ${company}`,
    params: { subject: `Working out the cost for ${company}`, message },
    proposed_at: new Date(NOW - (130 - (at % 100)) * MINUTE).toISOString(),
    to: `${first} ${last} <${email}>`,
    from: 'Sam Rivera <sam@acme.example>',
    contact: { id: `ct_${at}`, email, firstname: first, lastname: last, company },
    reasoning:
      '2 visits to /pricing in 7 days; no email in 14 days. The playbook says to offer the calculation, not a call.',
    ...more,
  };
}

function other(at: number, type: string, params: Record<string, unknown>, more: Record<string, unknown> = {}): FakeRow {
  const row = emailTo(at, {
    type,
    params,
    headline: undefined,
    run_id: 'run_02',
    agent_id: 'ag_trial',
    agent_name: 'Trial ending',
  });
  const { to: _to, from: _from, headline: _headline, ...rest } = row;
  return {
    ...rest,
    ...more,
    run_id: 'run_02',
    status: 'pending_approval',
    digest: `digest-${type}-${at}`,
    nonce: `nonce-${type}-${at}`,
    params,
  };
}

/** A morning's queue: every kind of action, and what makes some of them unusual. */
export function aMorning(): FakeRow[] {
  return [
    emailTo(7, {
      status: 'unknown',
      digest: 'digest-unknown',
      run_id: 'run_00',
      attempted_at: new Date(NOW - 40 * MINUTE).toISOString(),
    }),
    ...[0, 1].map((at) => emailTo(at)),
    emailTo(2, {
      changed_since: [{ what: 'replied', at: new Date(NOW - 10 * MINUTE).toISOString() }],
      answers: { subject: 'Re: Pricing', at: new Date(NOW - 10 * MINUTE).toISOString() },
    }),
    ...[3, 4, 5, 6].map((at) => emailTo(at)),
    other(0, 'note', { body: 'Trial ends on Friday. Two of five seats used; asked about invoices on 12 November.' }),
    other(
      1,
      'crm_update',
      { fields: { lifecycle_stage: 'evaluation', owner: 'sam' } },
      { to: 'https://crm.acme.example/hooks/sync' },
    ),
    other(
      2,
      'webhook',
      { event: 'trial_ending', payload: { seats: 5, used: 2 } },
      { to: 'https://hooks.acme.example/trial' },
    ),
    other(
      3,
      'mcp_tool',
      { server: 'calendar', tool: 'create_event', arguments: { title: 'Call with Dana', minutes: 15 } },
      { to: 'calendar: create_event' },
    ),
  ];
}

/** Text that is hard to draw: stored scripts everywhere, long words, right to left, letters that can't be seen. */
export function hardRows(): FakeRow[] {
  const hostile = emailTo(0, {
    contact_id: 'ct_hostile',
    digest: 'digest-hostile',
    agent_name: SCRIPT,
    agent_id: 'ag_hostile',
    headline: SCRIPT,
    params: { subject: SCRIPT, message: SCRIPT },
    to: `${SCRIPT} <x@evil.example>`,
    from: SCRIPT,
    reply_to: SCRIPT,
    reasoning: SCRIPT,
    contact: { id: 'ct_hostile', email: 'x@evil.example', firstname: SCRIPT, lastname: SCRIPT, company: SCRIPT },
    changed_since: [{ what: SCRIPT, before: SCRIPT, after: SCRIPT }],
    rejections: [{ type: SCRIPT, headline: SCRIPT, reason: SCRIPT, at: SCRIPT }],
  });
  const long = emailTo(1, {
    contact_id: 'ct_long',
    digest: 'digest-long',
    agent_name: 'Agent'.repeat(40),
    agent_id: 'ag_long',
    to: `${'Maximiliane'.repeat(12)} <${'m'.repeat(60)}@${'long'.repeat(15)}.example>`,
    params: { subject: 'Donaudampfschifffahrt'.repeat(10), message: 'word'.repeat(400) },
    contact: {
      id: 'ct_long',
      email: 'm@long.example',
      firstname: 'Maximiliane'.repeat(12),
      lastname: 'X',
      company: 'Y'.repeat(150),
    },
  });
  const rightToLeft = emailTo(2, {
    contact_id: 'ct_rtl',
    digest: 'digest-rtl',
    to: 'דנה לוי <dana@litware.example>',
    params: { subject: 'שלום דנה', message: 'שלום דנה,\n\nראינו שביקרת בעמוד המחירים. נשמח לעזור.\u202e evil\u200b' },
    contact: { id: 'ct_rtl', email: 'dana@litware.example', firstname: 'דנה', lastname: 'לוי', company: 'חברה' },
  });
  return [hostile, long, rightToLeft];
}

export function manyRows(count: number): FakeRow[] {
  return Array.from({ length: count }, (_, at) =>
    emailTo(at, { contact_id: `ct_${at}`, run_id: `run_${Math.floor(at / 50)}` }),
  );
}

export function aChange(): Record<string, unknown> {
  return {
    change_id: 'ch_1',
    agent_id: 'ag_notes',
    what: ['Auto-note may write notes unasked'],
    before: { 'approval.auto_approve': [] },
    after: { 'approval.auto_approve': ['crm_update'] },
    needs: 'human',
    asked_at: new Date(NOW - 200 * MINUTE).toISOString(),
    asked_by: 'Kim (claude-code 2.1)',
    lapses_at: new Date(NOW + 6 * 24 * 60 * MINUTE).toISOString(),
    nonce: 'nonce-change',
    binding: 'binding-1',
    lines: [
      ['What', 'updates fields in your CRM without asking'],
      ['To whom', 'contacts with stage "trial": 128 now'],
      ['Where', 'https://crm.acme.example/hooks/sync'],
      ['When', 'every weekday at 07:00 Europe/Berlin, at most 25 a run'],
    ],
  };
}
