import { createHash, randomBytes } from 'node:crypto';
import type { FakeRow } from './rows.ts';

export type Json = Record<string, unknown>;
export type Asked = { path: string; method: string; body: Json; key: string | undefined };

export type FakeState = {
  rows: FakeRow[];
  changes: Json[];
  passkeys: Json[];
  signing: boolean;
  brake: Json;
  asked: Asked[];
  tickets: Set<string>;
  keys: Set<string>;
  /** What a story says besides the row, by the contact. */
  stories: Map<string, Json>;
  /** The routes of the other screens, by path. */
  pages: Map<string, unknown>;
  /** Holds back answers about the queue, as they were when they were asked for. */
  held: Promise<void> | undefined;
  /** Reasons by which decisions on a contact are skipped. */
  skips: Map<string, string>;
};

/** The address of an action as one text. */
export const keyOf = ({ run_id, contact_id, action_index }: Json) => [run_id, contact_id, action_index].join('/');

/** What waits, as `GET /desk/queue` answers. */
export function queueOf(state: FakeState, query: URLSearchParams): Json {
  const text = query.get('query')?.toLowerCase() ?? '';
  const open = state.rows.filter(({ status }) => status === 'pending_approval' || status === 'unknown');
  const found = open
    .filter((row) => JSON.stringify(row).toLowerCase().includes(text))
    .filter(({ agent_id }) => (query.get('agent_id') ?? agent_id) === agent_id)
    .filter(({ type }) => (query.get('type') ?? type) === type);
  const groups = new Map<string, Json>();
  for (const { agent_id, agent_name, type } of open) {
    const group = groups.get(`${agent_id} ${type}`) ?? { agent_id, agent_name, type, count: 0 };
    groups.set(`${agent_id} ${type}`, { ...group, count: Number(group.count) + 1 });
  }
  const limit = Number(query.get('limit') ?? 200);
  const fresh = (row: Json) => ({ ...row, nonce: `${row.nonce}-${randomBytes(4).toString('hex')}` });
  return {
    actions: found.slice(0, limit).map(fresh),
    total: found.length,
    total_waiting: open.length,
    unknown: open.filter(({ status }) => status === 'unknown').length,
    groups: [...groups.values()],
    changes: state.changes.map(fresh),
    changes_total: state.changes.length,
    brake: state.brake,
    last_decided: { at: '2026-11-30T09:42:00Z', by: 'Kim' },
    has_desk_link: true,
  };
}

/** One action whole, as `GET /desk/action` answers. */
export function storyOf(state: FakeState, row: FakeRow): Json {
  return {
    row,
    lines: [],
    moved: [],
    params: row.edited_params ?? row.params,
    proposed_params: row.params,
    edited: row.edited_params !== undefined,
    reasoning: row.reasoning,
    profile: {},
    events: [
      { type: 'page', name: 'page', properties: { path: '/pricing' }, timestamp: '2026-11-29T15:02:00Z' },
      { type: 'page', name: 'page', properties: { path: '/pricing' }, timestamp: '2026-11-27T09:41:00Z' },
      { type: 'track', name: 'Invited teammate', properties: { seats: 5 }, timestamp: '2026-11-24T11:10:00Z' },
    ],
    recent: [
      { type: 'email_message', status: 'executed', params: { subject: 'Welcome to Acme' }, at: '2026-11-10T08:00:00Z' },
    ],
    rejections: [
      { type: 'email_message', headline: 'We spoke yesterday', reason: 'we never did', at: '2026-10-03T10:00:00Z' },
    ],
    may_revise: true,
    agent: { id: row.agent_id, name: row.agent_name, version: 3 },
    ...state.stories.get(row.contact_id),
  };
}

function decide(state: FakeState, body: Json): Json {
  const rows = Array.isArray(body.rows) ? body.rows : [];
  const skipped: Json[] = [];
  for (const given of rows) {
    const row = state.rows.find((known) => keyOf(known) === keyOf(given));
    const reason = state.skips.get(String(given.contact_id));
    if (!row || reason !== undefined) skipped.push({ ...given, reason: reason ?? 'It is gone.' });
    else Object.assign(row, { status: body.decision === 'approve' ? 'executed' : 'rejected', decided_by: 'Sam' });
  }
  return { decided: rows.length - skipped.length, skipped, actions: [] };
}

function prompt(body: Json, passkeys: readonly Json[]): Json {
  const rows = Array.isArray(body.rows) ? body.rows : [];
  const nonce = randomBytes(16).toString('base64url');
  const digests = rows.map(({ digest }) => digest);
  const challenge = createHash('sha256')
    .update(JSON.stringify({ decision: body.decision, digests, nonce }))
    .digest('base64url');
  const allowCredentials = passkeys.map(({ id }) => ({ id, type: 'public-key' }));
  return {
    nonce,
    digests,
    challenge,
    says: 'Sign',
    options: { challenge, rpId: 'localhost', allowCredentials, userVerification: 'required' },
  };
}

const CREATION = {
  rp: { id: 'localhost', name: 'Countersign' },
  user: { id: 'c2Ft', name: 'Sam', displayName: 'Sam' },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
};

/** Does what a page posts to the state, and answers. */
export function posted(state: FakeState, at: string, body: Json): unknown {
  const isOf = (row: FakeRow) => keyOf(row) === keyOf(Object(body.ref));
  const row = state.rows.find(isOf);
  if (at === '/desk/decide') return decide(state, body);
  if (at === '/desk/prompt') return prompt(body, state.passkeys);
  if (at === '/desk/edit') return { digest: `edited-${row?.digest}`, lines: [], difference: [], nonce: 'nonce-edit' };
  if (at === '/desk/settle' && row) Object.assign(row, { status: body.outcome === 'sent' ? 'executed' : 'failed' });
  if (at === '/desk/revise' && row) Object.assign(row, { status: 'cancelled' });
  if (at === '/desk/change') state.changes = [];
  if (at === '/desk/brake') state.brake = { on: body.on };
  if (at === '/desk/passkeys/options') return { ...CREATION, challenge: randomBytes(32).toString('base64url') };
  if (at === '/desk/passkeys') {
    state.passkeys.push({
      id: Object(body.response).id,
      name: body.name,
      added_at: '2026-11-30T10:00:00Z',
      by_button: true,
    });
    state.signing = body.demand_signed === true;
  }
  if (at === '/desk/passkeys/remove') state.passkeys = state.passkeys.filter(({ id }) => id !== body.id);
  if (at === '/desk/signing') state.signing = body.on === true;
  return state.pages.get(`POST ${at}`) ?? { action: row ?? {}, told: 'Approved. It holds from now on.' };
}
