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
import { type FoundTargets, findAgentTargets, loadReach } from '../runs/targeting.ts';
import { newRun, type RunCreated } from '../runs/trigger.ts';

// A tick is a time at which an agent's cron expression fires. Each tick is counted once: by a run, or as skipped.

const LOOK_MS = 5_000;
const LEAST_MS = 20;
/**
 * A process that hasn't looked at the schedules for this long was asleep. It leaves a tick that is younger than this to
 * a process that was awake.
 */
const AWAKE_MS = 15_000;
/** How long an agent's schedule is left alone after a failure. */
const REST_MS = 60_000;
const DAY_MS = 86_400_000;

/** When a process looks, and since when it has been awake. */
type Look = { now: Date; awakeSince: Date };

/** A schedule's timetable, if its cron can be read, and its next tick in milliseconds since 1970. */
type ReadSchedule = { timetable?: Timetable; tick: number };
type ScheduleReader = (schedule: Schedule) => ReadSchedule;

/** What decides on an agent's tick: the contacts that its filter finds, its schedule, and when the process looks. */
type Firing = { found: FoundTargets; readSchedule: ScheduleReader; look: Look };

/** Whether a schedule has counted ticks far in the future, as it has after the clock was wrong for a while. */
function isFarAhead(schedule: Schedule, now: Date): boolean {
  return countedUntil(schedule).getTime() > now.getTime() + DAY_MS;
}

/** Why nobody fired a tick at its time; undefined where its time is now. */
function reasonMissed(view: View, due: Date, { awakeSince }: Look): string | undefined {
  const { on, since } = view.brake();
  // The brake is off here, so `since` is when it went off: a tick of before then fell into it.
  if (!on && since !== undefined && due <= new Date(since)) return 'the brake was on';
  return due < awakeSince ? 'no Countersign process was awake' : undefined;
}

/** Why a due tick makes no run; undefined where it may. */
function reasonToSkip(view: View, agentId: string, missedBy: string | undefined): string | undefined {
  if (missedBy !== undefined && view.agent(agentId)?.monitoring.catch_up === 'none')
    return `${missedBy} at that time, and monitoring.catch_up is "none"`;
  const going = view.unfinished(agentId).find(({ backtest }) => !backtest);
  return going && `run ${going.run_id} of this agent was still ${going.status}`;
}

/** The event that makes a tick's run, or why there can't be one; undefined where the next look has to decide. */
function runFor(view: View, moment: Moment, found: FoundTargets): RunCreated | string | undefined {
  const agent = currentAgent(view, found.id);
  // The agent changed since its contacts were searched: the next look searches again.
  if (agent?.version !== found.version) return undefined;
  try {
    return newRun(view, moment, agent, { by: PRODUCT, trigger: 'schedule', whom: { found } });
  } catch (error) {
    // A store that fails must not count the tick.
    if (error instanceof AppError && error.code !== 'STORE_ERROR') return `${error.code}: ${error.message}`;
    throw error;
  }
}

/** The tick of a schedule that isn't counted yet and that this process may fire; undefined where there is none. */
function dueTick(schedule: Schedule, readSchedule: ScheduleReader, { now, awakeSince }: Look): Date | undefined {
  const due = readSchedule(schedule).timetable?.last(now);
  if (!due || due <= countedUntil(schedule)) return undefined;
  return due < awakeSince && now.getTime() - due.getTime() < AWAKE_MS ? undefined : due;
}

/** The event that lets ticks count from now on, after a clock that was wrong counted ticks far in the future. */
function startOver(agentId: string, at: string): Event {
  const skipped = 'the clock had been far ahead; ticks count from now on';
  return { type: 'tick_counted', agent_id: agentId, at, tick: at, skipped };
}

/** Counts the tick that is due, by a run or as skipped. Of several processes the first to commit decides. */
function decideTick(view: View, moment: Moment, { found, readSchedule, look }: Firing): Decision<Run | undefined> {
  const nothing = { events: [], value: undefined };
  const schedule = view.schedule(found.id);
  if (!schedule || view.brake().on) return nothing;
  const at = look.now.toISOString();
  if (isFarAhead(schedule, look.now)) return { events: [startOver(found.id, at)], value: undefined };
  const due = dueTick(schedule, readSchedule, look);
  if (!due) return nothing;
  const missedBy = reasonMissed(view, due, look);
  const made = reasonToSkip(view, found.id, missedBy) ?? runFor(view, moment, found);
  if (made === undefined) return nothing;
  const counted = { type: 'tick_counted' as const, agent_id: found.id, at, tick: due.toISOString() };
  if (typeof made === 'string') return { events: [{ ...counted, skipped: made }], value: undefined };
  const mark = missedBy !== undefined ? { catch_up: true as const } : {};
  const run: Run = { ...made.run, scheduled_for: counted.tick, ...mark };
  return {
    events: [
      { ...made, run },
      { ...counted, run_id: run.id, ...mark },
    ],
    value: run,
  };
}

/** Makes a reader that reads each schedule once. The cron library is loaded only where an agent has a schedule. */
async function createScheduleReader(): Promise<ScheduleReader> {
  const { timetableOf } = await import('../../domain/agents/timetable.ts');
  const alreadyRead = new WeakMap<Schedule, ReadSchedule>();
  return (schedule) => {
    const known = alreadyRead.get(schedule);
    if (known) return known;
    const made: ReadSchedule = { tick: Number.POSITIVE_INFINITY };
    alreadyRead.set(schedule, made);
    try {
      made.timetable = timetableOf(schedule.cron, schedule.timezone);
      made.tick = made.timetable.next(countedUntil(schedule))?.getTime() ?? made.tick;
    } catch {
      // An earlier build accepted this cron expression; get_agent says what is wrong with it.
    }
    return made;
  };
}

/** Makes a function that is called at each look, and notices whether the process slept or the clock jumped. */
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

/** The agent, if its tick is still due: another process may have been faster. */
function dueAgent(house: House, agentId: string, readSchedule: ScheduleReader, look: Look): Promise<Agent | undefined> {
  return house.read((view) => {
    const schedule = view.schedule(agentId);
    const isDue = schedule && (isFarAhead(schedule, look.now) || dueTick(schedule, readSchedule, look));
    return isDue ? currentAgent(view, agentId) : undefined;
  });
}

/** Makes and starts the run of a due tick, or counts the tick as skipped. */
async function fire(house: House, agentId: string, readSchedule: ScheduleReader, look: Look): Promise<void> {
  const agent = await dueAgent(house, agentId, readSchedule, look);
  if (!agent) return;
  const found = await findAgentTargets(house, agent);
  await loadReach(house, agent, found.ids);
  const firing = { found, readSchedule, look };
  const run = await house.commit(PRODUCT, (view, moment) => decideTick(view, moment, firing));
  if (run) startRun(house, run.id);
  // Lets other calls of this process go on between two agents.
  await new Promise((resolve) => setImmediate(resolve));
}

/** `look` fires what is due, and gives the milliseconds until the next look is worthwhile. */
export type Scheduler = { look: () => Promise<number> };

export function createScheduler(house: House): Scheduler {
  const { deps } = house;
  const wake = watchForSleep();
  const resting = new Map<string, number>();
  let reader: ScheduleReader | undefined;

  async function tryToFire(agentId: string, readSchedule: ScheduleReader, look: Look): Promise<void> {
    const now = look.now.getTime();
    if (now < (resting.get(agentId) ?? 0)) return;
    try {
      await fire(house, agentId, readSchedule, look);
    } catch (error) {
      resting.set(agentId, now + REST_MS);
      deps.log.warn({ error: String(error), agent_id: agentId }, 'a schedule could not fire; it is tried again');
    }
  }

  return {
    async look() {
      wake(deps.now());
      // While the brake is on no tick is counted: the last one that fell into it counts as missed afterwards.
      const schedules = await house.read((view) => (view.brake().on ? [] : view.schedules()));
      // The clock of a database, where that decides, is known by now.
      const look = wake(deps.now());
      const now = look.now.getTime();
      if (schedules.length === 0) return LOOK_MS;
      reader ??= await createScheduleReader();
      let wait = LOOK_MS;
      for (const [agentId, schedule] of schedules) {
        if (house.ending) break;
        const { tick } = reader(schedule);
        if (tick <= now || isFarAhead(schedule, look.now)) await tryToFire(agentId, reader, look);
        else wait = Math.min(wait, tick - now);
      }
      return Math.max(wait, LEAST_MS);
    },
  };
}

/** Fires schedules as long as the process lives, without keeping it alive. Gives the function that stops it. */
export function keepFiring(house: House): () => void {
  const scheduler = createScheduler(house);
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const round = async () => {
    const wait = await scheduler.look().catch((error: unknown) => {
      house.deps.log.warn({ error: String(error) }, 'schedules could not be looked at; it is tried again');
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
