import { fallsShort, isApprovedBy, isOverruled, limitFrom, record } from './gate.ts';
import {
  type Action,
  addressOf,
  bindingOf,
  type GoOn,
  isOver,
  type Mood,
  move,
  type Process,
  type Run,
  type State,
} from './state.ts';

/** Where a process can be stopped: right after the commit of this event or status, or after the receiver answered. */
export type Stop = 'run_created' | 'run_started' | 'results_recorded' | 'approved' | 'executing' | 'sent' | undefined;
/** Which process works, how the receiver answers it, and where it is stopped. */
export type Way = { process: Process; mood: Mood; stop: Stop };

const AT_ONCE = 4;

export function expireDue(state: State): void {
  for (const action of [...state.open])
    if (action.status === 'pending_approval' && action.expires !== undefined && action.expires <= state.now)
      move(state, action, 'expired');
}

/** Freezes a process, and keeps what it does next once it thaws. */
export function freeze(state: State, process: Process, goOn: GoOn): 'frozen' {
  state.frozen.set(process, (mood) => goOn(mood));
  return 'frozen';
}

/** Sends an action back to a person, who gets the full time to decide again. */
function sendBack(state: State, action: Action): void {
  move(state, action, 'pending_approval');
  action.isAuto = false;
  action.by = undefined;
  action.holder = undefined;
  action.expires = limitFrom(state, action.run.agent.settings, action.type);
}

/** Whether a decision no longer counts: the action has changed, its time is up, or the proof is too weak. */
function isOutdated(state: State, action: Action, process: Process): boolean {
  const { agent } = action.run;
  if (bindingOf(state, action, agent.settings.hook) !== action.binding) return true;
  if (action.expires !== undefined && action.expires <= state.now) return true;
  if (action.isAuto) return !isApprovedBy(agent.settings, agent, action.type);
  return fallsShort(action, action.via ?? 'client', process);
}

/**
 * Claims an approved action for an attempt, after a last check. Gives false where no attempt follows: the brake is on, the
 * action goes back to a person, or it is a note, which waited for the brake and is done at once.
 */
function claim(state: State, action: Action, process: Process): boolean {
  const { run, status } = action;
  if (state.brake || status !== 'approved' || !state.runs.includes(run)) return false;
  if (isOutdated(state, action, process) || isOverruled(state, action)) {
    sendBack(state, action);
    return false;
  }
  if (action.type === 'note') {
    move(state, action, 'executed');
    return false;
  }
  move(state, action, 'executing');
  action.holder = process;
  return true;
}

type Outcome = 'executed' | 'failed' | 'unknown';

function deliver(state: State, action: Action, mood: Mood): Outcome {
  if (action.type === 'email_message') {
    state.written.add(action);
    return 'executed';
  }
  const address = addressOf(action);
  state.sent.set(address, (state.sent.get(address) ?? 0) + 1);
  if (mood === 'accepts') return 'executed';
  return mood === 'refuses' ? 'failed' : 'unknown';
}

/** Writes the outcome of an attempt. It counts even where others took this process for dead and wrote `unknown`. */
function conclude(state: State, action: Action, process: Process, outcome: Outcome): void {
  const isOurs = action.holder === process && (action.status === 'executing' || action.status === 'unknown');
  const isThere = state.runs.includes(action.run) && action.run.results.get(action.contact)?.actions.includes(action);
  if (!isOurs || !isThere || action.status === outcome) return;
  move(state, action, outcome);
  action.holder = undefined;
}

/** One attempt at an approved action, from the claim to the outcome. */
export function attempt(state: State, action: Action, { process, mood, stop }: Way): 'ok' | 'frozen' {
  if (!claim(state, action, process)) return 'ok';
  const carryOn = (how: Mood) => conclude(state, action, process, deliver(state, action, how));
  if (stop === 'executing') return freeze(state, process, carryOn);
  if (stop !== 'sent' || action.type !== 'webhook') {
    carryOn(mood);
    return 'ok';
  }
  const outcome = deliver(state, action, mood);
  return freeze(state, process, () => conclude(state, action, process, outcome));
}

/** Attempts all approved actions, a few at once: first all claims, then all outcomes. */
export function attemptAll(state: State, { process, mood }: Way): void {
  if (state.brake) return;
  const tried = new Set<Action>();
  // An action that another process approved is left to that process while its lease lives.
  const isFree = ({ holder }: Action) => holder === undefined || holder === process || state.lapsed.has(holder);
  for (;;) {
    const approved = state.open.filter((item) => item.status === 'approved' && isFree(item));
    const next = approved.filter((item) => !tried.has(item)).slice(0, AT_ONCE);
    if (next.length === 0) return;
    for (const action of next) tried.add(action);
    const claimed = next.filter((action) => claim(state, action, process));
    for (const action of claimed) conclude(state, action, process, deliver(state, action, mood));
  }
}

function targetsOf(state: State, run: Run): string[] {
  const at = (contact: string) => run.agent.evaluated.get(contact) ?? 0;
  return [...state.contacts.keys()].sort((one, other) => at(one) - at(other));
}

/** Takes a run that no living process works on. An agent has only one run under way at a time. */
function take(state: State, run: Run, process: Process): boolean {
  if (state.brake || isOver(run) || !state.runs.includes(run)) return false;
  const isBusy = state.runsOf(run.agent).some((other) => other !== run && other.status === 'running');
  const isTaken = run.holder !== undefined && run.holder !== process && !state.lapsed.has(run.holder);
  if (run.status === 'running' ? isTaken : isBusy) return false;
  run.status = 'running';
  run.holder = process;
  if (!run.targets) {
    run.targets = run.named ?? targetsOf(state, run);
    run.targeted = run.targets.length;
  }
  return true;
}

function finish(state: State, run: Run, way: Way): 'ok' {
  if (run.status === 'running' && run.holder === way.process) {
    run.status = 'completed';
    run.holder = undefined;
  }
  drain(state, run, way);
  return 'ok';
}

function evaluate(state: State, run: Run, way: Way): 'ok' | 'frozen' {
  const isOurs = state.runs.includes(run) && run.status === 'running' && run.holder === way.process;
  const left = (run.targets ?? []).filter((contact) => !run.results.has(contact));
  if (!isOurs || left.length === 0) return finish(state, run, way);
  // A run under way stops before its next contact. It stays with its process, which takes it up again.
  if (state.brake) return 'ok';
  record(state, run, left);
  const carryOn = (mood: Mood) => {
    attemptAll(state, { ...way, mood });
    return finish(state, run, { ...way, mood, stop: undefined });
  };
  return way.stop === 'results_recorded' ? freeze(state, way.process, carryOn) : carryOn(way.mood);
}

/** Works on a run to its end, and then on the runs of the same agent that are queued behind it. */
export function work(state: State, run: Run, way: Way): 'ok' | 'frozen' {
  if (!take(state, run, way.process)) return 'ok';
  const carryOn: GoOn = (mood) => evaluate(state, run, { ...way, mood, stop: undefined });
  if (way.stop === 'run_started') return freeze(state, way.process, carryOn);
  return evaluate(state, run, way);
}

/** Works on the agent's next queued run, if no run of the agent is under way. */
export function drain(state: State, { agent }: Pick<Run, 'agent'>, way: Way): void {
  const next = state.runsOf(agent).find((run) => run.status === 'queued');
  if (next) work(state, next, { ...way, stop: undefined });
}

/**
 * The runs that a recovery of a process takes up: of each agent the one that a dead process held, or that this process
 * held when the brake stopped it; else the first queued one.
 */
export function startable(state: Readonly<State>, process?: Process): Run[] {
  return [...state.agents.values()].flatMap((agent) => {
    const runs = state.runsOf(agent);
    const running = runs.find((run) => run.status === 'running');
    if (!running) return runs.find((run) => run.status === 'queued') ?? [];
    const { holder } = running;
    return holder !== undefined && (holder === process || state.lapsed.has(holder)) ? running : [];
  });
}

/** Takes over the actions and runs that dead processes left. */
export function recover(state: State, way: Way): void {
  const runs = startable(state, way.process);
  const isApproved = state.open.some((item) => item.status === 'approved');
  for (const action of state.open)
    if (action.status === 'executing' && action.holder !== undefined && state.lapsed.has(action.holder))
      move(state, action, 'unknown');
  expireDue(state);
  if (state.brake) return;
  for (const run of runs) work(state, run, way);
  if (isApproved) attemptAll(state, way);
}
