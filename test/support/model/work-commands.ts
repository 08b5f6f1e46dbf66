import { setBrake } from '../../../src/engine/review/set-brake.ts';
import { cancelRun } from '../../../src/engine/runs/cancel.ts';
import { trigger } from '../../../src/engine/runs/trigger.ts';
import { recover } from '../../../src/engine/upkeep/recovery.ts';
import { runsIn } from '../store.ts';
import { callerName, expectTold, type Manner, type Step, step, wayOf } from './commands.ts';
import * as model from './decisions.ts';
import { isOver, type State } from './state.ts';
import { recover as recoverModel, startable } from './work.ts';

/**
 * Whether the work that a step begins can go in one order only. Where runs follow each other while attempts wait for a
 * receiver, the product may do either first, but the model knows only one order.
 */
function isOrdered(state: Readonly<State>, begun: number): boolean {
  const isApproving = [...state.agents.values(), ...state.runs].some(({ settings }) =>
    settings.auto_approve.some((type) => type !== 'note'),
  );
  return begun <= 1 || !(isApproving || state.open.some(({ status }) => status === 'approved'));
}

function queued(state: Readonly<State>, name?: string): number {
  return state.runs.filter(({ status, agent }) => status === 'queued' && (name ?? agent.name) === agent.name).length;
}

export function triggerAgent(name: string, ids: string[] | undefined, isDry: boolean, manner: Manner): Step {
  const what = { trigger: name, ids, isDry, ...manner };
  return step(
    what,
    async (state, office) => {
      const way = wayOf(office, manner);
      const args = { agent_id: name, contact_ids: ids, dry_run: isDry };
      const call = office.act(
        manner.place,
        (house) => trigger(house, 'caller', args, undefined),
        manner.mood,
        manner.stop,
      );
      const answer = await call;
      const known = new Set(state.runs.map((run) => run.id));
      const made = await office.at(0).house.read((view) => runsIn(view).find(({ id }) => !known.has(id))?.id);
      expectTold(answer, model.trigger(state, { id: () => made ?? 'none', name, ids, isDry }, way));
    },
    (state) => isOrdered(state, queued(state, name) + 1),
  );
}

export function stopRun(pick: number, manner: Manner): Step {
  return step(
    { cancel: pick, ...manner },
    async (state, office) => {
      const unfinished = state.runs.filter((item) => !isOver(item));
      // In three of four cases a run that isn't over, where there is one.
      const among = unfinished.length > 0 && pick % 4 > 0 ? unfinished : state.runs;
      const run = among[pick % among.length];
      if (!run) return;
      const answer = await office.act(manner.place, (house) => cancelRun(house, 'caller', run.id), manner.mood);
      expectTold(answer, model.cancelRun(state, run, wayOf(office, manner)));
    },
    (state) => state.runs.length > 0 && isOrdered(state, queued(state)),
  );
}

/** Whether there is work that another process left, or that nobody has begun. */
function isWorkLeft({ frozen, open, runs }: Readonly<State>): boolean {
  if (frozen.size > 0 || runs.some(({ status }) => status === 'queued' || status === 'running')) return true;
  return open.some(({ status }) => status === 'approved' || status === 'executing');
}

/** A process recovers what others left. With `isLapsed`, the leases of all frozen processes run out before that. */
export function recoverAt(isLapsed: boolean, manner: Manner): Step {
  return step(
    { recover: isLapsed, ...manner },
    async (state, office) => {
      if (isLapsed) {
        for (const [number, { frost }] of office.frozen) {
          frost.lapse();
          state.lapsed.add(number);
        }
      }
      expectTold(await office.act(manner.place, recover, manner.mood), 'ok');
      recoverModel(state, wayOf(office, manner));
    },
    (state) => {
      const later = new Set([...state.lapsed, ...(isLapsed ? state.frozen.keys() : [])]);
      // A run whose holder isn't frozen was stopped by the brake.
      const isLeft = (holder: number) => later.has(holder) || !state.frozen.has(holder);
      const held = state.runs.filter(({ holder }) => holder !== undefined && isLeft(holder)).length;
      const approved = state.open.some(({ status }) => status === 'approved') ? 1 : 0;
      const agents = new Set(
        [...startable(state), ...state.runs.filter(({ holder }) => holder !== undefined)].map((run) => run.agent),
      );
      return isWorkLeft(state) && agents.size <= 1 && isOrdered(state, held + queued(state) + approved);
    },
  );
}

export function thawOne(pick: number, manner: Manner): Step {
  return step(
    { thaw: pick, ...manner },
    async (state, office) => {
      const number = [...state.frozen.keys()][pick % state.frozen.size];
      if (number === undefined) return;
      await office.thaw(number, manner.mood);
      model.thaw(state, number, manner.mood);
    },
    (state) => state.frozen.size > 0 && isOrdered(state, queued(state) + 1),
  );
}

/** Time passes, and nobody does anything. */
export function passTime(minutes: number): Step {
  return step({ pass: minutes }, async (state, office) => {
    state.now += minutes * 60_000;
    office.clock = state.now;
  });
}

/** Somebody switches the brake. Nobody begins anything by that: what waited is taken up by the next recovery. */
export function switchBrake(on: boolean, manner: Manner): Step {
  return step(
    { brake: on, ...manner },
    async (state, office) => {
      const by = callerName(state);
      expectTold(
        await office.act(manner.place, (house) => setBrake(house, by, { on, via: 'human' }), manner.mood),
        'ok',
      );
      state.brake = on;
    },
    (state) => state.brake !== on,
  );
}

export function restartAt(place: number, isBare: boolean): Step {
  return step({ restart: place, isBare }, (state, office) => {
    state.lapsed.add(office.at(place).number);
    return office.restart(place, () => {
      if (isBare) office.removeSnapshots();
    });
  });
}
