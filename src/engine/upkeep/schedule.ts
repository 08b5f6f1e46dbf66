import type { Timetable } from '../../domain/agents/timetable.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Run } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import { countedUntil } from '../../domain/state/fold-schedules.ts';
import { currentAgent, type Schedule, type View } from '../../domain/state/state.ts';
import type { Decision } from '../../store/store.ts';
import type { House } from '../base/house.ts';
import { startRun } from '../runs/run-loop.ts';
import { newRun, type RunCreated } from '../runs/trigger.ts';

const LOOK_MS = 5_000;
const LEAST_MS = 20;
/** Without a look for longer, the process slept; a tick this young is left to one that was awake. */
const AWAKE_MS = 15_000;
/** So long after an agent's failure until its next try. */
const REST_MS = 60_000;
const DAY_MS = 86_400_000;

type Moment = { now: Date; awakeSince: Date };

/** A schedule as a process watches it: its timetable, if its cron can be read, and when it ticks next. */
type Watch = { timetable?: Timetable; tick: number };
type Watcher = (schedule: Schedule) => Watch;

/** A clock that was wrong for a while may have counted ticks that are years away. */
function isFarAhead(schedule: Schedule, now: Date): boolean {
  return countedUntil(schedule).getTime() > now.getTime() + DAY_MS;
}

/** Why a due tick makes no run; undefined where it may. */
function reasonToSkip(view: View, agentId: string, isMissed: boolean): string | undefined {
  if (isMissed && view.agents().get(agentId)?.monitoring.catch_up === 'none')
    return 'no Countersign process was awake at that time, and monitoring.catch_up is "none"';
  const going = [...view.desk().unfinished.values()].find((run) => run.agent_id === agentId);
  return going && `run ${going.run_id} of this agent was still ${going.status}`;
}

/** A run for a tick, or why there can't be one. A store that fails decides nothing. */
function runFor(house: House, view: View, agentId: string): RunCreated | string | undefined {
  const agent = currentAgent(view, agentId);
  if (!agent) return undefined;
  try {
    return newRun(house, view, agent, PRODUCT, { trigger: 'schedule' });
  } catch (error) {
    if (error instanceof AppError && error.code !== 'STORE_ERROR') return `${error.code}: ${error.message}`;
    throw error;
  }
}

/** Accounts for what is due of one schedule. Whoever commits it first has it: the others find the tick counted. */
function decide(
  house: House,
  view: View,
  agentId: string,
  watch: Watcher,
  { now, awakeSince }: Moment,
): Decision<Run | undefined> {
  const nothing = { events: [], value: undefined };
  const schedule = view.schedules().get(agentId);
  if (!schedule) return nothing;
  const base = { type: 'tick_counted' as const, agent_id: agentId, at: now.toISOString() };
  if (isFarAhead(schedule, now)) {
    const skipped = 'the clock had been far ahead; ticks count from now on';
    return { events: [{ ...base, tick: base.at, skipped }], value: undefined };
  }
  const due = watch(schedule).timetable?.last(now);
  if (!due || due <= countedUntil(schedule)) return nothing;
  const isMissed = due < awakeSince;
  if (isMissed && now.getTime() - due.getTime() < AWAKE_MS) return nothing;
  const made = reasonToSkip(view, agentId, isMissed) ?? runFor(house, view, agentId);
  if (made === undefined) return nothing;
  const tick = due.toISOString();
  if (typeof made === 'string') return { events: [{ ...base, tick, skipped: made }], value: undefined };
  const mark = isMissed ? { catch_up: true as const } : {};
  const run: Run = { ...made.run, scheduled_for: tick, ...mark };
  const events: Event[] = [
    { ...made, run },
    { ...base, tick, run_id: run.id, ...mark },
  ];
  return { events, value: run };
}

/** The cron library is loaded once some agent has a schedule. */
async function createWatcher(): Promise<Watcher> {
  const { timetableOf } = await import('../../domain/agents/timetable.ts');
  const watches = new WeakMap<Schedule, Watch>();
  return (schedule) => {
    const known = watches.get(schedule);
    if (known) return known;
    const made: Watch = { tick: Number.POSITIVE_INFINITY };
    watches.set(schedule, made);
    try {
      made.timetable = timetableOf(schedule.cron, schedule.timezone);
      made.tick = made.timetable.next(countedUntil(schedule))?.getTime() ?? made.tick;
    } catch {
      // An earlier build took it; get_agent says what is wrong with it.
    }
    return made;
  };
}

/** Looks what is due and fires it; gives the milliseconds until it is worth looking again. */
export type Scheduler = { look: () => Promise<number> };

export function createScheduler(house: House): Scheduler {
  const { store, deps } = house;
  const resting = new Map<string, number>();
  let watch: Watcher | undefined;
  let awakeSince: Date | undefined;
  let lookedAt: Date | undefined;

  /** Notices whether the process slept, or the clock jumped, since its last look. */
  function wake(now: Date): Moment {
    const gap = lookedAt && now.getTime() - lookedAt.getTime();
    if (gap === undefined || gap < 0 || gap > AWAKE_MS) awakeSince = now;
    lookedAt = now;
    return { now, awakeSince: awakeSince ?? now };
  }

  async function fire(agentId: string, watcher: Watcher, moment: Moment): Promise<void> {
    if (moment.now.getTime() < (resting.get(agentId) ?? 0)) return;
    try {
      const run = await store.commit(PRODUCT, (view) => decide(house, view, agentId, watcher, moment));
      if (run) startRun(house, run.id);
      // Other calls get their turn between two agents.
      await new Promise((resolve) => setImmediate(resolve));
    } catch (error) {
      resting.set(agentId, moment.now.getTime() + REST_MS);
      deps.log.warn({ error: String(error), agent_id: agentId }, 'a schedule could not fire; it is tried again');
    }
  }

  return {
    async look() {
      const moment = wake(deps.now());
      const now = moment.now.getTime();
      const schedules = await store.read((view) => [...view.schedules()]);
      if (schedules.length === 0) return LOOK_MS;
      watch ??= await createWatcher();
      let wait = LOOK_MS;
      for (const [agentId, schedule] of schedules) {
        if (house.ending) break;
        const { tick } = watch(schedule);
        if (tick <= now || isFarAhead(schedule, moment.now)) await fire(agentId, watch, moment);
        else wait = Math.min(wait, tick - now);
      }
      return Math.max(wait, LEAST_MS);
    },
  };
}

/** Fires schedules as long as the process lives, without keeping it alive. Gives back how to stop. */
export function keepFiring(house: House): () => void {
  const scheduler = createScheduler(house);
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const round = async () => {
    const wait = await scheduler.look().catch((error: unknown) => {
      house.deps.log.warn({ error: String(error) }, 'schedules have to wait');
      return LOOK_MS;
    });
    if (stopped) return;
    timer = setTimeout(round, wait);
    timer.unref();
  };
  void round();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
