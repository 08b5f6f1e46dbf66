import type { AsyncCommand } from 'fast-check';
import { expect } from 'vitest';
import { deleteAgent } from '../../../src/engine/agents/delete.ts';
import { createAgent, updateAgent } from '../../../src/engine/agents/save.ts';
import { decideChange } from '../../../src/engine/changes/decide.ts';
import { changesThatWait } from '../../../src/engine/changes/list.ts';
import { deleteContact } from '../../../src/engine/contacts/delete-contact.ts';
import { importContacts } from '../../../src/engine/contacts/import.ts';
import * as model from './decisions.ts';
import { isAsked } from './mandate.ts';
import type { Answer, Office } from './office.ts';
import { compare } from './picture.ts';
import { agentArgs, type Mood, type Person, type Settings, type State } from './state.ts';
import type { Stop, Way } from './work.ts';

export type Step = AsyncCommand<State, Office>;
/** Which process does a step (its place), how the receiver of webhooks answers, and where the process is stopped. */
export type Manner = { place: number; mood: Mood; stop?: Stop };

const SECOND = 1_000;

/** One step of the product and of the model. It takes a second, and after it both have to show the same state. */
export function step(
  what: object,
  run: (state: State, office: Office) => Promise<void>,
  check: (state: Readonly<State>) => boolean = () => true,
): Step {
  return {
    check,
    toString: () => JSON.stringify(what),
    async run(state, office) {
      state.now += SECOND;
      office.clock = state.now;
      await office.renew();
      await run(state, office);
      await compare(state, office);
    },
  };
}

/** Steps in a fixed order. A step that isn't possible when its turn comes is left out. */
export function sequence(...steps: readonly Step[]): Step {
  return {
    check: (state) => steps[0]?.check(state) === true,
    toString: () => steps.join(', then '),
    async run(state, office) {
      for (const each of steps) if (each.check(state)) await each.run(state, office);
    },
  };
}

export function wayOf(office: Office, { place, mood, stop }: Manner): Way {
  return { process: office.at(place).number, mood, stop };
}

/** The name of a caller, another one for each call, so that the log shows which call decided. */
export function callerName(state: State): string {
  return `person ${state.now}-${state.looks.length}-${state.open.length}`;
}

export function expectTold(answer: Answer<unknown>, told: string): void {
  expect('error' in answer ? `${answer.told}: ${answer.error.message}` : answer.told).toMatch(new RegExp(`^${told}`));
}

const unversioned = { restore_version: undefined, expected_version: undefined };

/** Makes an agent, or changes some settings of the agent where there is one of this name. */
export type Save = { wanted: Settings; changed: readonly (keyof Settings)[]; via?: 'human' | undefined };

/** Makes an agent, or changes some settings of the agent where there is one of this name, with or without a person. */
export function saveAgent(name: string, { wanted, changed, via }: Save, manner: Manner): Step {
  return step({ save: name, wanted, changed, via, ...manner }, async (state, office) => {
    const before = state.agents.get(name)?.settings;
    const settings = { ...(before ?? wanted) };
    for (const field of changed) Object.assign(settings, { [field]: wanted[field] });
    const { input, cleared } = agentArgs(name, settings, office.sink.url(settings.hook));
    const { approval: { auto_approve, ...demands } = {}, ...others } = input;
    const namesApproval = !before || changed.includes('auto_approve');
    const changes = { ...others, approval: { ...demands, ...(namesApproval && auto_approve ? { auto_approve } : {}) } };
    const answer = await office.act(
      manner.place,
      (house) =>
        before
          ? updateAgent(house, 'author', name, { changes, clear: cleared, via, ...unversioned })
          : createAgent(house, 'author', input),
      manner.mood,
    );
    expectTold(answer, model.saveAgent(state, name, { settings, namesApproval, via }));
  });
}

/** A person at the terminal decides on the permission that an agent waits for. */
export function decidePermission(name: string, isAllowed: boolean, manner: Manner): Step {
  return step(
    { permission: name, isAllowed, ...manner },
    async (state, office) => {
      const agent = state.agents.get(name);
      const { house } = office.at(manner.place);
      const waiting = await house.read((view, moment) => {
        const [id] = view.agentsNamed(name);
        return id === undefined ? [] : changesThatWait(view, moment, id);
      });
      expect(waiting).toHaveLength(agent && isAsked(state, agent) ? 1 : 0);
      const [change] = waiting;
      if (!agent || !change) return;
      const decision = isAllowed ? 'approve' : 'decline';
      const args = { change_id: change.id, decision, via: 'human' } as const;
      const answer = await office.act(manner.place, (each) => decideChange(each, 'person', args), manner.mood);
      model.decideGrant(agent, isAllowed);
      expectTold(answer, 'ok');
    },
    (state) => state.agents.has(name),
  );
}

export function removeAgent(name: string, via: model.Given['via'], manner: Manner): Step {
  return step({ delete: name, via, ...manner }, async (state, office) => {
    const by = callerName(state);
    const answer = await office.act(manner.place, (house) => deleteAgent(house, by, name, via), manner.mood);
    expectTold(answer, model.deleteAgent(state, name, { by, via }));
  });
}

/** Imports a contact. Its `last_activity` is a time that nothing speaks of, so the model need not know it. */
export function saveContact(id: string, row: Partial<Person>, manner: Manner): Step {
  return step({ import: id, ...row, ...manner }, async (state, office) => {
    const contacts = [{ id, ...row, last_activity: new Date(state.now).toISOString() }];
    const answer = await office.act(
      manner.place,
      (house) => importContacts(house, 'author', { contacts }),
      manner.mood,
    );
    model.importContact(state, id, row);
    expectTold(answer, 'ok');
  });
}

/** Imports an event by which a contact answered. */
export function hear(id: string, manner: Manner): Step {
  return step(
    { hear: id, ...manner },
    async (state, office) => {
      const timestamp = new Date(state.now).toISOString();
      const events = [{ contact_id: id, type: 'track', name: 'Replied', timestamp }];
      const answer = await office.act(
        manner.place,
        (house) => importContacts(house, 'author', { events }),
        manner.mood,
      );
      model.answer(state, id);
      expectTold(answer, 'ok');
    },
    (state) => state.contacts.has(id),
  );
}

export function removeContact(id: string, manner: Manner): Step {
  return step({ erase: id, ...manner }, async (state, office) => {
    const by = callerName(state);
    const answer = await office.act(manner.place, (house) => deleteContact(house, by, id), manner.mood);
    expectTold(answer, model.deleteContact(state, id, by));
  });
}
