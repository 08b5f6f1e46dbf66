import { expect, onTestFinished } from 'vitest';
import type { AgentInput } from '../../src/domain/agents/agent.ts';
import { type Member, type Person, SCOPES } from '../../src/domain/base/author.ts';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { DecisionEntry } from '../../src/domain/decisions/decision.ts';
import type { Enrolment } from '../../src/domain/decisions/passkey.ts';
import { keyDigest, type SignedProof } from '../../src/domain/decisions/signed-proof.ts';
import type { ActionRef } from '../../src/domain/runs/run.ts';
import { createAgent } from '../../src/engine/agents/save.ts';
import type { House } from '../../src/engine/base/house.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { addPasskey } from '../../src/engine/passkeys/enrol.ts';
import { type LocatedAction, locate } from '../../src/engine/review/locate.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { closeHouse, createHouse } from '../../src/process/house.ts';
import { aNonce, type SoftPasskey, softPasskey } from './authenticator.ts';
import { aHome, testDeps } from './fixtures.ts';
import { aStore } from './store.ts';

/** The home's owner at the desk, and one of a team. */
export const MAYA: Person = { user: 'maya', client: 'countersign desk 0.1.0' };
export function teammate(id: string, more: Partial<Member> = {}): Person {
  return {
    user: id,
    client: 'countersign desk 0.1.0',
    member: { id, role: 'admin', team: 1, scopes: SCOPES, ...more },
  };
}

export const EMAIL_TO_ALL = {
  type: 'email_message',
  params: { subject: 'Working out the cost', message: 'Hi {{ contact.firstname }}' },
};
export const NOTE_FOR_ALL = { type: 'note', params: { body: 'Call {{ contact.firstname }}' } };
export const HOOK_FOR_ALL = { type: 'webhook', params: { payload: { n: 1 } } };

/** Something signed by a passkey, over these digests. */
export function signed(soft: SoftPasskey, decision: string, ...digests: string[]): SignedProof {
  return soft.proof({ decision, digests, nonce: aNonce() });
}

/** A home in this process, with contacts `p0`, `p1`…, in which agents propose and people sign. Its clock moves on by itself. */
export class SigningHome {
  clock = Date.parse('2026-03-02T09:30:00Z');
  readonly home = aHome();
  readonly deps: Deps;
  readonly house: House;

  constructor(overrides: Partial<Deps> = {}) {
    const now = () => {
      this.clock += 5;
      return new Date(this.clock);
    };
    this.deps = { ...testDeps(this.home), now, newId: createIds(now), ...overrides };
    this.house = createHouse(aStore(this.home, this.deps), this.deps);
    onTestFinished(() => closeHouse(this.house));
  }

  async contacts(count: number): Promise<string[]> {
    const contacts = Array.from({ length: count }, (_, at) => ({
      ...{ id: `p${at}`, email: `p${at}@example.com`, firstname: `Person ${at}` },
    }));
    await importContacts(this.house, 'test', { contacts });
    return contacts.map(({ id }) => id);
  }

  /** Has an agent propose for all contacts; gives the address of what waits for each. */
  async proposed(
    more: Partial<AgentInput> = {},
    propose: { type: string; params: Record<string, unknown> }[] = [EMAIL_TO_ALL],
  ): Promise<ActionRef[]> {
    const playbook = { rules: [{ name: 'all', propose }] };
    const { agent } = await createAgent(this.house, MAYA, {
      ...{ name: `Agent ${this.clock}`, capabilities: ['email', 'notes', 'webhook'], playbook },
      connections: { webhook_url: 'https://hooks.example/x' },
      ...more,
    });
    const { id: run_id } = await trigger(this.house, MAYA, { agent_id: String(agent.id) }, undefined);
    await waitForRun(this.house, run_id, 20);
    const rows = await this.house.read((view) => view.open({ run_id }));
    return rows.map(({ contact_id, action_index }) => ({ run_id, contact_id, action_index }));
  }

  row(ref: ActionRef): Promise<LocatedAction> {
    return this.house.read((view) => locate(view, ref));
  }

  async digest(ref: ActionRef): Promise<string> {
    return (await this.row(ref)).digest;
  }

  /** Enrols a passkey of a person: the first by a ticket, another one signed for by `by`. */
  async enrol(
    person: Person = MAYA,
    {
      by,
      demand_signed = false,
      soft = softPasskey(),
    }: { by?: SoftPasskey; demand_signed?: boolean; soft?: SoftPasskey } = {},
    how: Enrolment = by ? 'passkey' : 'ticket',
  ): Promise<SoftPasskey> {
    const proof = by && signed(by, 'add_passkey', keyDigest(soft.publicKey));
    await addPasskey(this.house, person, { name: 'Laptop', credential: soft.credential(), how, demand_signed, proof });
    return soft;
  }

  /** Waits until nothing is under way: what was approved is done, or waits. */
  async settled(): Promise<void> {
    await expect.poll(() => this.house.read((view) => view.open({ statuses: ['approved', 'executing'] }))).toEqual([]);
  }

  async entries(): Promise<DecisionEntry[]> {
    const found: DecisionEntry[] = [];
    for await (const entry of (await this.house.store.audit()).entries()) found.push(entry);
    return found;
  }

  async faults(): Promise<string[]> {
    return (await this.house.store.audit()).faults;
  }
}
