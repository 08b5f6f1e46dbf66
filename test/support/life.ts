import type { Agent } from '../../src/domain/agents/agent.ts';
import type { Contact } from '../../src/domain/contacts/contact.ts';
import { chained } from '../../src/domain/decisions/decision.ts';
import type { ActionChange } from '../../src/domain/runs/action-change.ts';
import { type Action, type ActionStatus, emptySummary, type Run } from '../../src/domain/runs/run.ts';
import type { Event } from '../../src/domain/state/events.ts';
import type { OpenAction } from '../../src/domain/state/state.ts';
import { currentAgent, type View } from '../../src/domain/state/view.ts';
import type { Chance } from './chance.ts';
import { agentsIn, contactsIn, runsIn } from './store.ts';

/** The id and the time of one change, and the most characters of text in it. */
export type Stamp = { id: string; at: string; filler: number };

type Deed = (view: View, chance: Chance, stamp: Stamp) => Event[];

const ADDRESSES = 12;
const NEXT: Partial<Record<ActionStatus, readonly ActionStatus[]>> = {
  pending_approval: ['approved', 'rejected', 'expired', 'cancelled', 'pending_approval'],
  approved: ['executing', 'pending_approval'],
  executing: ['executed', 'failed', 'unknown'],
  unknown: ['executed', 'failed'],
};

const peopleIn = (view: View) => contactsIn(view).map(({ id }) => id);
const filled = (chance: Chance, { filler }: Stamp) => 'x'.repeat(chance.below(filler + 1));
const aContact = (view: View, chance: Chance) => chance.oneOf(contactsIn(view));

const meet: Deed = (view, chance, stamp) => {
  const before = chance.below(3) === 0 ? aContact(view, chance) : undefined;
  const contact: Contact = {
    ...(before ?? { id: `ct_${stamp.id}`, do_not_email: false, do_not_contact: false, created_at: stamp.at }),
    email: `person${chance.below(ADDRESSES)}@example.com`,
    text: filled(chance, stamp),
    updated_at: stamp.at,
  };
  return [{ type: 'contacts_saved', contacts: [contact] }];
};

/** The ids of people who come, go, and come back, also in numbers, and of whom things are told before they come. */
const someoneOf = (chance: Chance) => `someone-${chance.below(8)}`;

/** Several contacts in the two parts of one commit, some with another id that nobody has. */
const crowd: Deed = (view, chance, stamp) => {
  const free = [0, 1, 2, 3, 4, 5].map((n) => `also-${n}`).filter((id) => view.aliasOf(id) === undefined);
  return [0, 1].map((part) => {
    const ids = [...new Set([someoneOf(chance), someoneOf(chance)])];
    const contacts = ids.map((id) => ({
      ...{ id, do_not_email: false, do_not_contact: false, created_at: stamp.at, updated_at: stamp.at },
      ...(chance.below(4) === 0 ? {} : { email: `person${chance.below(ADDRESSES)}@example.com` }),
    }));
    const aliases = free.splice(0, chance.below(2)).map((alias): [string, string] => [alias, ids[0] ?? '']);
    return { type: 'contacts_saved', contacts, aliases, part };
  });
};

const rumour: Deed = (_view, chance, stamp) => [
  {
    type: 'events_recorded',
    events: [{ contact_id: someoneOf(chance), type: 'page', properties: {}, timestamp: stamp.at }],
  },
];

/** The body of a note is its number among the contact's notes: two notes made on the same state have one number. */
const note: Deed = (view, chance, { at }) => {
  const contact = aContact(view, chance);
  if (!contact) return [];
  const body = String(view.activity(contact.id).notes.length + 1);
  return [
    { type: 'note_added', note: { contact_id: contact.id, body, agent_id: 'ag', run_id: 'run', action_index: 0, at } },
  ];
};

const visit: Deed = (view, chance, stamp) => {
  const contacts = chance.some(peopleIn(view), 4);
  const events = contacts.map((contact_id) => ({
    contact_id,
    type: 'page',
    properties: { text: filled(chance, stamp) },
    timestamp: new Date(Date.parse(stamp.at) - chance.below(1_000_000)).toISOString(),
  }));
  return events.length > 0 ? [{ type: 'events_recorded', events }] : [];
};

function newAgent(id: string, { at }: Stamp, text: string): Agent {
  return {
    ...{ id, name: `Agent ${id.length}`, status: 'active', enabled: true, version: 1, language: 'en' },
    playbook: { playbook_md: text, rules: [], config: {} },
    approval: { require_approval: true, auto_approve: [] },
    monitoring: { filter: {}, timezone: 'UTC', max_contacts_per_run: 25, catch_up: 'once' },
    ...{ architecture: 'text', visibility: 'private', llm_config: { concurrency: 4 } },
    ...{
      capabilities: [],
      limits: {},
      voice: {},
      tags: [],
      enabled_functions: [],
      custom_functions: [],
      connections: {},
    },
    ...{ created_by: 'life', created_at: at, updated_at: at },
  };
}

const author: Deed = (view, chance, stamp) => {
  const before = chance.below(2) === 0 ? currentAgent(view, chance.oneOf(agentsIn(view))?.id ?? '') : undefined;
  const text = filled(chance, stamp);
  const agent = before
    ? { ...before, name: `Agent ${chance.below(5)}`, version: before.version + 1, updated_at: stamp.at }
    : newAgent(`ag_${stamp.id}`, stamp, text);
  return [{ type: 'agent_saved', agent }];
};

const dismiss: Deed = (view, chance) => {
  const agent_id = chance.oneOf(agentsIn(view))?.id;
  if (agent_id === undefined) return [];
  const run_ids = view.runsOf(agent_id).map((run) => run.id);
  return [{ type: 'agent_deleted', agent_id, run_ids }];
};

const start: Deed = (view, chance, { id, at }) => {
  const agent_id = chance.oneOf(agentsIn(view))?.id;
  if (agent_id === undefined) return [];
  const run: Run = {
    ...{ id: `run_${id}`, job_id: `job_${id}`, agent_id, agent_version: 1, status: 'queued', trigger: 'manual' },
    ...{ dry_run: chance.below(5) === 0, created_at: at, created_by: 'life', summary: emptySummary() },
  };
  const targets = chance.some(peopleIn(view), 6);
  return [
    { type: 'run_created', run },
    { type: 'run_started', run_id: run.id, agent_id, holder: 'life', at, targets },
  ];
};

function proposal(action_index: number, run: Run, chance: Chance, stamp: Stamp): Action {
  const { at } = stamp;
  const base = {
    action_index,
    type: 'note',
    params: { body: filled(chance, stamp) },
    digest: stamp.id,
    proposed_at: at,
  };
  const expires = chance.below(2) === 0 ? { expires_at: at } : {};
  return { ...base, status: run.dry_run ? 'dry_run' : 'pending_approval', ...expires };
}

const evaluate: Deed = (view, chance, stamp) => {
  const run = view.run(chance.oneOf(view.unfinished())?.run_id ?? '');
  if (!run) return [];
  const { targets, results } = view.results(run.id);
  const left = targets.filter((id) => !results.has(id)).slice(0, 3);
  const base = { run_id: run.id, agent_id: run.agent_id, at: stamp.at };
  if (left.length === 0) return [{ type: 'run_ended', ...base, status: 'completed' }];
  const recorded = left.map((contact_id) => ({
    contact_id,
    reasoning: filled(chance, stamp),
    proposed_actions: Array.from({ length: chance.below(3) }, (_, index) => proposal(index, run, chance, stamp)),
    blocked_actions: [],
  }));
  return [{ type: 'results_recorded', ...base, dry_run: run.dry_run, results: recorded }];
};

function moved(item: OpenAction, to: ActionStatus, at: string): ActionChange {
  const { run_id, contact_id, action_index, agent_id, status: from } = item;
  return { run_id, contact_id, action_index, agent_id, from, to, auto_approved: false, at, set: { reason: at } };
}

const decide: Deed = (view, chance, { at }) => {
  const changes = chance.some(view.open({}), 5).flatMap((item) => {
    const to = chance.oneOf(NEXT[item.status] ?? []);
    return to ? [moved(item, to, at)] : [];
  });
  return changes.length > 0 ? [{ type: 'actions_changed', changes }] : [];
};

/** Deletes a contact as the product does: cancels its open actions first, and does nothing while one is executing. */
export const erase: Deed = (view, chance, { at, id }) => {
  const contact = aContact(view, chance);
  const open = view.open({}).filter((item) => item.contact_id === contact?.id);
  if (!contact || open.some((item) => item.status === 'executing')) return [];
  const changes = open.filter((item) => item.status !== 'unknown').map((item) => moved(item, 'cancelled', at));
  const runs = runsIn(view).filter(({ id: runId }) => {
    const { targets, results } = view.results(runId);
    return results.has(contact.id) || targets.includes(contact.id);
  });
  const run_ids = runs.map((run) => run.id);
  const agent_ids = [...new Set(runs.map((run) => run.agent_id))];
  const stand_in = view.standIn(contact.id, `erased_${id}`);
  return [
    ...(changes.length > 0 ? [{ type: 'actions_changed' as const, changes }] : []),
    { type: 'contact_deleted', contact_id: contact.id, run_ids, agent_ids, stand_in },
  ];
};

const sign: Deed = (_view, chance, { at }) => {
  const id = `id_${chance.below(5)}`;
  const identity = { id, name: at, email: 'life@example.com', created_by: 'life', created_at: at, updated_at: at };
  return [{ type: 'identity_saved', identity }];
};

const record: Deed = (view, _chance, { at, id }) => {
  const said = { agent_id: 'ag', agent_name: id, agent_version: 1 };
  const draft = { at, decision: 'approved' as const, by: 'life', via: 'client' as const, ...said };
  return [{ type: 'decisions_recorded', entries: [chained(draft, view.decisionHead())] }];
};

const brake: Deed = (view, chance, { at }) => {
  const reason = chance.below(2) === 0 ? {} : { reason: `since ${at}` };
  return [{ type: 'brake_set', on: !view.brake().on, at, by: 'life', via: 'human', ...reason }];
};

const WEIGHTS: readonly (readonly [Deed, number])[] = [
  [meet, 20],
  [note, 20],
  [visit, 10],
  [author, 8],
  [dismiss, 1],
  [start, 8],
  [evaluate, 14],
  [decide, 20],
  [erase, 2],
  [sign, 2],
  [record, 6],
  [brake, 2],
];
const DEEDS = WEIGHTS.flatMap(([deed, weight]) => Array.from({ length: weight }, () => deed));

/** The events of a random change that is possible in this state. */
export function whatever(view: View, chance: Chance, stamp: Stamp): Event[] {
  const deed = chance.oneOf(DEEDS);
  return deed ? deed(view, chance, stamp) : [];
}

/** The same, and now and then what concerns people who come back, of whom things are told before they come. */
export function whateverOfAll(view: View, chance: Chance, stamp: Stamp): Event[] {
  const deed = chance.below(8) === 0 ? chance.oneOf([crowd, crowd, rumour, erase]) : whatever;
  return deed ? deed(view, chance, stamp) : [];
}
