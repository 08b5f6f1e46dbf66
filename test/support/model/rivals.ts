import { type Author, nameOf } from '../../../src/domain/base/author.ts';
import type { ActionRef } from '../../../src/domain/runs/run.ts';
import { deleteAgent } from '../../../src/engine/agents/delete.ts';
import { updateAgent } from '../../../src/engine/agents/save.ts';
import type { House } from '../../../src/engine/base/house.ts';
import { deleteContact } from '../../../src/engine/contacts/delete-contact.ts';
import { importContacts } from '../../../src/engine/contacts/import.ts';
import { approve } from '../../../src/engine/review/approve.ts';
import { decideShown } from '../../../src/engine/review/bulk.ts';
import { reject } from '../../../src/engine/review/reject.ts';
import { settleAction } from '../../../src/engine/review/settle.ts';
import { cancelRun } from '../../../src/engine/runs/cancel.ts';
import { trigger } from '../../../src/engine/runs/trigger.ts';
import { recover } from '../../../src/engine/upkeep/recovery.ts';
import { asShown } from '../as-shown.ts';
import type { Office } from './office.ts';
import type { Look } from './state.ts';

const PATIENCE_S = 20;
/** A webhook leaves the machine, so a plain call would not do. */
const via = 'elicited';
const LATER_MS = 2 * 3_600_000;

/** One of several calls that are made at the same time, most of them about the same actions. */
export type Rival =
  | { does: 'approve' | 'reject' | 'edit' | 'retry' | 'settle'; row: number }
  | { does: 'approve page' | 'reject page' }
  | { does: 'delete agent' | 'delete contact' | 'move webhook' | 'withdraw consent' }
  | { does: 'trigger' | 'cancel run' | 'recover' | 'let expire' };

export const ON_ONE = ['approve', 'reject', 'edit', 'retry', 'settle'] as const;
export const ON_ALL = ['approve page', 'reject page'] as const;
export const ON_SURROUNDINGS = ['delete agent', 'delete contact', 'move webhook', 'withdraw consent'] as const;
export const ON_RUNS = ['trigger', 'cancel run', 'recover', 'let expire'] as const;

/** What all rivals act on: a run with the page of what waits now, and the page `before` anything was decided. */
export type Stage = { office: Office; agent: string; run: string; before: Look; page: Look };

/** An action, and its digest as the page `before` showed it. */
export function rowOf({ before, run }: Pick<Stage, 'before' | 'run'>, row: number) {
  const found = before.rows[row % before.rows.length];
  if (!found) throw new Error('the page is empty');
  const { action, digest } = found;
  return { ref: { run_id: run, contact_id: action.contact, action_index: action.index }, type: action.type, digest };
}

async function retry(house: House, by: Author, ref: ActionRef) {
  return settleAction(house, by, { ...(await asShown(house, ref)), outcome: 'retry', via });
}

function decideOne(stage: Stage, house: House, by: Author, { does, row }: Extract<Rival, { row: number }>) {
  const { ref, type, digest: expected_digest } = rowOf(stage, row);
  if (does === 'reject') return reject(house, by, { ...ref, expected_digest });
  if (does === 'retry') return retry(house, by, ref);
  if (does === 'settle') return settleAction(house, by, { ...ref, outcome: 'sent' });
  const params =
    type === 'note' ? { body: `edited by ${nameOf(by)}` } : { payload: { text: `edited by ${nameOf(by)}` } };
  return approve(house, by, { ...ref, expected_digest, ...(does === 'edit' ? { params } : {}), via }, PATIENCE_S);
}

const unversioned = { clear: [], restore_version: undefined, expected_version: undefined };

function changeSurroundings(
  { office, agent }: Stage,
  house: House,
  by: Author,
  does: (typeof ON_SURROUNDINGS)[number],
) {
  if (does === 'delete agent') return deleteAgent(house, by, agent, 'human');
  if (does === 'delete contact') return deleteContact(house, by, 'c1');
  if (does === 'withdraw consent') return importContacts(house, by, { contacts: [{ id: 'c1', do_not_contact: true }] });
  const changes = { connections: { webhook_url: office.sink.url('/two') } };
  return updateAgent(house, by, agent, { changes, via: 'human', ...unversioned });
}

function changeRuns({ office, agent, run }: Stage, house: House, by: Author, does: (typeof ON_RUNS)[number]) {
  if (does === 'trigger') return trigger(house, by, { agent_id: agent }, undefined);
  if (does === 'cancel run') return cancelRun(house, by, run);
  if (does === 'let expire') office.clock += LATER_MS;
  return recover(house);
}

function isOneOf<const T extends readonly string[]>(does: string, list: T): does is T[number] {
  return list.includes(does);
}

/** Makes a rival's call, by one of the processes. */
export function begin(stage: Stage, house: House, by: Author, rival: Rival): Promise<unknown> {
  if ('row' in rival) return decideOne(stage, house, by, rival);
  const { does } = rival;
  if (isOneOf(does, ON_SURROUNDINGS)) return changeSurroundings(stage, house, by, does);
  if (isOneOf(does, ON_RUNS)) return changeRuns(stage, house, by, does);
  const decision = does === 'approve page' ? 'approve' : 'reject';
  return decideShown(house, by, { decision, review_token: stage.page.token, via });
}
