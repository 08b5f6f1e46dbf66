import { SCRIPT } from './rows.ts';

const rate = (share: number, n: number) => ({
  rate: share,
  n,
  low: Math.max(0, share - 0.15),
  high: Math.min(1, share + 0.1),
});
const SUMMARY = {
  contacts_targeted: 25,
  contacts_evaluated: 12,
  actions_proposed: 8,
  actions_pending_approval: 5,
  errors: 0,
};
const CONTACT = {
  id: 'ct_0',
  firstname: 'Ada',
  lastname: 'Okafor',
  email: 'ada@northwind.example',
  company: 'Northwind',
};
const DECISION = {
  seq: 7,
  at: '2026-11-30T09:42:00Z',
  decision: 'approved',
  by: 'Kim',
  via: 'human',
  type: 'email_message',
  contact: CONTACT,
};

const FIGURES = {
  days: 30,
  now: { approved: 18, edited: 0, rejected: 2, approval_rate: rate(0.9, 20), clean_rate: rate(0.7, 20) },
  before: {
    approved: 10,
    edited: 2,
    rejected: 6,
    approval_rate: rate(0.66, 18),
    clean_rate: { rate: null, n: 0, low: null, high: null },
  },
  weeks: [3, 5, 8, 2, 0, 4, 6, 9, 12, 7, 8, 3].map((proposed) => ({ from: '2026-09-07T00:00:00Z', proposed })),
};

const INSIGHTS = {
  agent_id: 'ag_pricing',
  recommendations: ['Reasons of rejections name the price: say it in the playbook.'],
  top_issues: [{ issue: SCRIPT, frequency: 3, impact: 'high', quotes: ['we never spoke'] }],
  trust: [{ type: 'note', n: 41, misses: 0, needed: 59 }],
  versions: [
    { version: 3, model: 'gpt-5-mini', n: 20, approval_rate: 0.9, low: 0.7, high: 0.97, clean_rate: 0.7 },
    { version: 2, model: 'gpt-5-mini', n: 3, approval_rate: 0.66, low: 0.2, high: 0.94, clean_rate: 0.5 },
  ],
  drift: null,
  compare: null,
  summary: { decisions: 20, approved: 18, edited: 0, rejected: 2, by_proof: { human: 20 } },
  metrics: { time_to_decide: { median_s: 40, p90_s: 300, n: 20 }, approval_rate: { rate: 0.9, n: 20 } },
  status: { optimization_state: 'idle' },
};

const RESULT = {
  contact_id: 'ct_0',
  contact: CONTACT,
  reasoning: '2 visits to /pricing in 7 days.',
  proposed_actions: [
    { type: 'email_message', status: 'executed', decided_by: 'Kim', params: { subject: 'Working out the cost' } },
  ],
  blocked_actions: [{ type: 'note', reason: SCRIPT }],
};

/** What the routes of the other screens answer. */
export function otherScreens(): Map<string, unknown> {
  const run = {
    id: 'run_01',
    agent_id: 'ag_pricing',
    status: 'running',
    created_at: '2026-11-30T09:30:00Z',
    summary: SUMMARY,
  };
  const agent = {
    id: 'ag_pricing',
    name: 'Pricing follow-up',
    description: 'Writes to whoever looks at prices.',
    status: 'active',
  };
  return new Map<string, unknown>([
    [
      '/desk/agents',
      {
        agents: [
          { ...agent, pending_actions: 7, last_run: { created_at: '2026-11-30T09:30:00Z' } },
          { id: 'ag_x', name: SCRIPT, status: 'draft', pending_actions: 0, last_run: null },
        ],
      },
    ],
    [
      '/desk/agents/ag_pricing',
      {
        agent: { ...agent, playbook: { playbook_md: 'Offer the calculation.', rules: [] }, capabilities: ['email'] },
        figures: FIGURES,
        insights: INSIGHTS,
      },
    ],
    ['/desk/agents/ag_x', { agent: { id: 'ag_x', name: SCRIPT, status: 'draft', playbook: {} }, figures: FIGURES }],
    ['/desk/runs', { runs: [run], agent_names: { ag_pricing: 'Pricing follow-up' } }],
    [
      '/desk/runs/run_01',
      { run: { ...run, contact_results: [RESULT] }, agent_names: { ag_pricing: 'Pricing follow-up' } },
    ],
    ['/desk/contacts', { contacts: [CONTACT, { ...CONTACT, id: 'ct_1', firstname: SCRIPT, do_not_email: true }] }],
    [
      '/desk/contact',
      {
        contact: CONTACT,
        encounters: [
          {
            run_id: 'run_01',
            agent_name: 'Pricing follow-up',
            at: '2026-11-30T09:30:00Z',
            result: RESULT,
            decisions: [DECISION],
          },
        ],
        events: [{ type: 'page', properties: { path: '/pricing' }, timestamp: '2026-11-29T15:02:00Z' }],
        notes: [],
      },
    ],
    [
      '/desk/log',
      {
        decisions: [DECISION, { ...DECISION, seq: 6, decision: 'rejected', reason: SCRIPT, edited: true }],
        total: 120,
        has_next: true,
        filters: {
          agents: ['Pricing follow-up', SCRIPT].map((name) => ({ value: name, name })),
          people: ['Kim', 'Sam'].map((name) => ({ value: name, name })),
          kinds: ['approved', 'rejected', 'settled_sent'].map((name) => ({ value: name, name })),
        },
      },
    ],
    [
      '/desk/outbox',
      {
        files: [
          {
            run_id: 'run_01',
            contact_id: 'ct_0',
            action_index: 0,
            file: 'a.eml',
            lines: [
              ['To', 'ada@northwind.example'],
              ['Subject', 'Working out the cost'],
              ['Message', 'Hi Ada'],
            ],
          },
        ],
      },
    ],
    [
      '/desk/settings',
      {
        identities: [{ id: 'id_sam', name: 'Sam Rivera', email: 'sam@acme.example' }],
        notices: { host: 'ntfy.sh', format: 'ntfy', signed: true },
        home: '/home/sam/countersign',
        version: '0.1.0',
      },
    ],
    [
      '/desk/brake',
      { brake: { on: true, reason: 'holiday', by: 'Kim' }, lines: [['Waiting', '3 runs']], nonce: 'nonce-brake' },
    ],
  ]);
}
