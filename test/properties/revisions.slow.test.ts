import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { MOST_REVISIONS } from '../../src/domain/runs/revision.ts';
import type { House } from '../../src/engine/base/house.ts';
import { reject } from '../../src/engine/review/reject.ts';
import { nextEvaluation, submitEvaluation } from '../../src/engine/runs/assistant.ts';
import { cancelRun } from '../../src/engine/runs/cancel.ts';
import { revise } from '../../src/engine/runs/revise.ts';
import { closeHouse, createHouse } from '../../src/process/house.ts';
import { inProcess } from '../support/in-process.ts';
import { cases, PATIENCE } from '../support/property.ts';
import { aStore } from '../support/store.ts';

/** One action as the model knows it: `body` is its draft, `open` whether its revision has no answer yet. */
type Known = { status: 'pending_approval' | 'cancelled' | 'rejected'; body: string; open: boolean; next?: number };

const CONTACTS = ['ann', 'bob'];
const step = fc.record({
  what: fc.constantFrom('revise', 'revise', 'answer', 'answer', 'reject', 'cancel', 'restart'),
  contact: fc.constantFrom(...CONTACTS),
  pick: fc.nat({ max: 9 }),
  place: fc.nat({ max: 1 }),
  drafts: fc.constantFrom(0, 1, 1, 2),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What a call came to: `ok`, or the code of its error. */
async function told(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

/** An assistant's run over two contacts by two processes, and a small model of what becomes of its actions. */
class Desk {
  readonly known = new Map<string, Known[]>();
  drafts = 0;
  run_id = '';
  houses: House[] = [];
  readonly #home: ReturnType<typeof inProcess>;

  constructor(home: ReturnType<typeof inProcess>) {
    this.#home = home;
    this.houses = [this.#opened(), this.#opened()];
  }

  async open(): Promise<void> {
    const { call } = this.#home;
    await call('import_contacts', { contacts: CONTACTS.map((id) => ({ id })) });
    await call('create_agent', { name: 'A', capabilities: ['notes'], playbook: { playbook_md: 'Note.' } });
    this.run_id = (await call('trigger_agent', { agent_id: 'A' })).run_id;
    for (const _ of CONTACTS) await this.#answer(this.at(0), 2);
  }

  at(place: number): House {
    return this.houses[place] ?? this.#home.house;
  }

  async take(given: Step): Promise<void> {
    const { what, contact, pick, place } = given;
    const actions = this.known.get(contact) ?? [];
    const index = pick % actions.length;
    const ref = { run_id: this.run_id, contact_id: contact, action_index: index };
    const action = actions[index];
    if (what === 'answer') return this.#answer(this.at(place), given.drafts);
    if (what === 'cancel') await told(cancelRun(this.at(place), 'maya', this.run_id));
    if (what === 'restart') await this.#restart(place);
    if (!action || (what !== 'revise' && what !== 'reject')) return;
    const args = { ...ref, feedback: `F${pick}` };
    const call =
      what === 'reject'
        ? reject(this.at(place), 'maya', ref)
        : revise(this.at(place), 'maya', args, { seconds: 0, signal: new AbortController().signal });
    expect(await told(call)).toBe(this.#expected(action, actions, what));
  }

  /** What a decision on an action comes to; the model changes as the product should. */
  #expected(action: Known, actions: readonly Known[], what: 'revise' | 'reject'): string {
    if (action.status !== 'pending_approval') return 'CONFLICT';
    const asked = actions.filter((each) => each.status === 'cancelled').length;
    if (what === 'revise' && asked >= MOST_REVISIONS) return 'LIMIT_EXCEEDED';
    action.status = what === 'revise' ? 'cancelled' : 'rejected';
    action.open = what === 'revise';
    return 'ok';
  }

  async #answer(house: House, drafts: number): Promise<void> {
    const { evaluation } = await nextEvaluation(house, 'one', this.run_id);
    if (!evaluation) return;
    const { evaluation_id, contact_id, revision } = evaluation;
    const bodies = Array.from({ length: drafts }, () => `draft ${this.drafts++}`);
    const proposed_actions = bodies.map((body) => ({ type: 'note', params: { body } }));
    const answer = { run_id: this.run_id, evaluation_id, reasoning: 'r', proposed_actions };
    const { evaluation: handed } = await submitEvaluation(house, 'one', answer);
    const actions = this.known.get(contact_id) ?? [];
    const revised = revision && actions[revision.action_index];
    if (revision) expect(revision.draft.params).toEqual({ body: revised?.body });
    if (revised) expect(revised.open).toBe(true);
    if (revised) Object.assign(revised, { open: false, ...(drafts > 0 ? { next: actions.length } : {}) });
    for (const body of bodies) actions.push({ status: 'pending_approval', body, open: false });
    this.known.set(contact_id, actions);
    // The next contact is handed out with the answer: it is answered too, so that no lease outlives the step.
    if (handed) await this.#answerHanded(house, handed);
  }

  async #answerHanded(house: House, handed: NonNullable<Awaited<ReturnType<typeof nextEvaluation>>['evaluation']>) {
    const { evaluation_id, contact_id, revision } = handed;
    const proposed_actions = revision ? [] : [{ type: 'note', params: { body: `draft ${this.drafts}` } }];
    const actions = this.known.get(contact_id) ?? [];
    const revised = revision && actions[revision.action_index];
    if (revised) revised.open = false;
    if (!revision) actions.push({ status: 'pending_approval', body: `draft ${this.drafts++}`, open: false });
    this.known.set(contact_id, actions);
    const answer = { run_id: this.run_id, evaluation_id, reasoning: 'r', proposed_actions };
    const { evaluation } = await submitEvaluation(house, 'one', answer);
    if (evaluation) await this.#answerHanded(house, evaluation);
  }

  async #restart(place: number): Promise<void> {
    await closeHouse(this.at(place));
    this.houses[place] = this.#opened();
  }

  #opened(): House {
    const { home, house } = this.#home;
    return createHouse(aStore(home, house.deps), house.deps);
  }

  /** The product shows in every process what the model knows. */
  async compare(): Promise<void> {
    for (const house of this.houses) {
      const shown = await house.read((view) => {
        const open = new Set(view.waiting().get(this.run_id)?.revising ?? []);
        return [...view.results(this.run_id).results.values()].map(({ contact_id, proposed_actions }) => [
          contact_id,
          proposed_actions.map(({ action_index, status, params, superseded_by }) => ({
            ...{ status, body: params.body, open: open.has(`${this.run_id}/${action_index}/${contact_id}`) },
            ...(superseded_by === undefined ? {} : { next: superseded_by }),
          })),
        ]);
      });
      expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(this.known));
    }
  }
}

describe('any sequence of revisions, answers and restarts', () => {
  it('leaves every process with the drafts that a simple model predicts, each revised once', {
    timeout: PATIENCE,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 20 }), async (steps) => {
        const desk = new Desk(inProcess());
        await desk.open();
        for (const each of steps) {
          await desk.take(each);
          await desk.compare();
        }
        expect((await desk.at(1).store.audit()).faults).toEqual([]);
        await Promise.all(desk.houses.map((house) => closeHouse(house)));
      }),
      cases(6),
    );
  });
});
