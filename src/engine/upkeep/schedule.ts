import type { Agent } from '../../domain/agents/agent.ts';
import type { Timetable } from '../../domain/agents/timetable.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { Run } from '../../domain/runs/run.ts';
import type { Event } from '../../domain/state/events.ts';
import { countedUntil } from '../../domain/state/fold-schedules.ts';
import type { Schedule } from '../../domain/state/state.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import type { Decision } from '../../store/store.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { startRun } from '../runs/run-loop.ts';
import { type FoundTargets, findAgentTargets } from '../runs/targeting.ts';
import { newRun, type RunCreated } from '../runs/trigger.ts';

const LOOK_MS = 5_000;
const LEAST_MS = 20;
/** Without a look for longer, the process slept; a tick this young is left to one that was awake. */
const AWAKE_MS = 15_000;
/** So long after an agent's failure until its next try. */
const REST_MS = 60_000;
const DAY_MS = 86_400_000;

/** When a process looks, and since when it has been awake. */
type Look = { now: Date; awakeSince: Date };

/** A schedule as a process watches it: its timetable, if its cron can be read, and when it ticks next. */
type ReadSchedule = { timetable?: Timetable; tick: number };
type ScheduleReader = (schedule: Schedule) => ReadSchedule;

/** One agent's turn: the contacts that its filter finds, and what the process knows of its schedule. */
type Firing = { found: FoundTargets; watch: ScheduleReader; look: Look };

/** A clock that was wrong for a while may have counted ticks that are years away. */
function isFarAhead(schedule: Schedule, now: Date): boolean {
  return countedUntil(schedule).getTime() > now.getTime() + DAY_MS;
}

/** Why a due tick makes no run; undefined where it may. */
function reasonToSkip(view: View, agentId: string, isMissed: boolean): string | undefined {
  if (isMissed && view.agent(agentId)?.monitoring.catch_up === 'none')
    return 'no Countersign process was awake at that time, and monitoring.catch_up is "none"';
  const [going] = view.unfinished(agentId);
  return going && `run ${going.run_id} of this agent was still ${going.status}`;
}

/** A run for a tick, or why there can't be one. A store that fails decides nothing. */
function runFor(view: View, moment: Moment, found: FoundTargets): RunCreated | string | undefined {
  const agent = currentAgent(view, found.id);
  // Another version finds other contacts: the next look asks for those.
  if (agent?.version !== found.version) return undefined;
  try {
    return newRun(view, moment, agent, { by: PRODUCT, trigger: 'schedule', whom: { found } });
  } catch (error) {
    if (error instanceof AppError && error.code !== 'STORE_ERROR') return `${error.code}: ${error.message}`;
    throw error;
  }
}

/** The tick of a schedule that isn't accounted for yet and is this process's to fire; undefined where there is none. */
function dueTick(schedule: Schedule, watch: ScheduleReader, { now, awakeSince }: Look): Date | undefined {
  const due = watch(schedule).timetable?.last(now);
  if (!due || due <= countedUntil(schedule)) return undefined;
  return due < awakeSince && now.getTime() - due.getTime() < AWAKE_MS ? undefined : due;
}

/** What accounts for the ticks of a clock that was wrong: they count from now on. */
function startOver(agentId: string, at: string): Event {
  const skipped = 'the clock had been far ahead; ticks count from now on';
  return { type: 'tick_counted', agent_id: agentId, at, tick: at, skipped };
}

/** Accounts for what is due of one schedule. Whoever commits it first has it: the others find the tick counted. */
function decideTick(view: View, moment: Moment, { found, watch, look }: Firing): Decision<Run | undefined> {
  const nothing = { events: [], value: undefined };
  const schedule = view.schedule(found.id);
  if (!schedule) return nothing;
  const at = look.now.toISOString();
  if (isFarAhead(schedule, look.now)) return { events: [startOver(found.id, at)], value: undefined };
  const due = dueTick(schedule, watch, look);
  if (!due) return nothing;
  const isMissed = due < look.awakeSince;
  const made = reasonToSkip(view, found.id, isMissed) ?? runFor(view, moment, found);
  if (made === undefined) return nothing;
  const counted = { type: 'tick_counted' as const, agent_id: found.id, at, tick: due.toISOString() };
  if (typeof made === 'string') return { events: [{ ...counted, skipped: made }], value: undefined };
  const mark = isMissed ? { catch_up: true as const } : {};
  const run: Run = { ...made.run, scheduled_for: counted.tick, ...mark };
  return {
    events: [
      { ...made, run },
      { ...counted, run_id: run.id, ...mark },
    ],
    value: run,
  };
}

/** The cron library is loaded once some agent has a schedule. */
async function createScheduleReader(): Promise<ScheduleReader> {
  const { timetableOf } = await import('../../domain/agents/timetable.ts');
  const watches = new WeakMap<Schedule, ReadSchedule>();
  return (schedule) => {
    const known = watches.get(schedule);
    if (known) return known;
    const made: ReadSchedule = { tick: Number.POSITIVE_INFINITY };
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

/** Notices whether the process slept, or the clock jumped, since the last look. */
function watchForSleep(): (now: Date) => Look {
  let awakeSince: Date | undefined;
  let lookedAt: Date | undefined;
  return (now) => {
    const gap = lookedAt && now.getTime() - lookedAt.getTime();
    if (gap === undefined || gap < 0 || gap > AWAKE_MS) awakeSince = now;
    lookedAt = now;
    return { now, awakeSince: awakeSince ?? now };
  };
}

/** The agent whose tick is due, if it still is: others may have been faster. */
function dueAgent(house: House, agentId: string, watch: ScheduleReader, look: Look): Promise<Agent | undefined> {
  return house.read((view) => {
    const schedule = view.schedule(agentId);
    const isDue = schedule && (isFarAhead(schedule, look.now) || dueTick(schedule, watch, look));
    return isDue ? currentAgent(view, agentId) : undefined;
  });
}

async function fire(house: House, agentId: string, watch: ScheduleReader, look: Look): Promise<void> {
  const agent = await dueAgent(house, agentId, watch, look);
  if (!agent) return;
  const firing = { found: await findAgentTargets(house, agent), watch, look };
  const run = await house.commit(PRODUCT, (view, moment) => decideTick(view, moment, firing));
  if (run) startRun(house, run.id);
  // Other calls get their turn between two agents.
  await new Promise((resolve) => setImmediate(resolve));
}

/** Looks what is due and fires it; gives the milliseconds until it is worth looking again. */
export type Scheduler = { look: () => Promise<number> };

export function createScheduler(house: House): Scheduler {
  const { deps } = house;
  const wake = watchForSleep();
  const resting = new Map<string, number>();
  let watch: ScheduleReader | undefined;

  async function tryToFire(agentId: string, watcher: ScheduleReader, look: Look): Promise<void> {
    const now = look.now.getTime();
    if (now < (resting.get(agentId) ?? 0)) return;
    try {
      await fire(house, agentId, watcher, look);
    } catch (error) {
      resting.set(agentId, now + REST_MS);
      deps.log.warn({ error: String(error), agent_id: agentId }, 'a schedule could not fire; it is tried again');
    }
  }

  return {
    async look() {
      const look = wake(deps.now());
      const now = look.now.getTime();
      const schedules = await house.read((view) => view.schedules());
      if (schedules.length === 0) return LOOK_MS;
      watch ??= await createScheduleReader();
      let wait = LOOK_MS;
      for (const [agentId, schedule] of schedules) {
        if (house.ending) break;
        const { tick } = watch(schedule);
        if (tick <= now || isFarAhead(schedule, look.now)) await tryToFire(agentId, watch, look);
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
