import { fallsShort, fallsShortOf, isOverruled, type LEVELS, limitFrom } from './gate.ts';
import { isProof, mandate, movePermission, needsPerson } from './mandate.ts';
import {
  type Action,
  type Agent,
  bindingOf,
  isOver,
  type Look,
  move,
  type Person,
  type Process,
  type Run,
  type Settings,
  type State,
  targetOf,
} from './state.ts';
import { attempt, attemptAll, drain, expireDue, freeze, type Way, work } from './work.ts';

/** What a call ends with: success, the code of an error, or, because its process is frozen, nothing yet. */
export type Told = 'ok' | 'frozen' | 'NOT_FOUND' | 'CONFLICT' | 'FORBIDDEN' | 'VALIDATION_ERROR';
type Proof = (typeof LEVELS)[number];
export type Given = { by: string; edit?: string | undefined; shown?: string | undefined; via: Proof };

function isThere(state: State, { run, contact }: Action): boolean {
  return state.runs.includes(run) && state.contacts.has(contact) && run.results.has(contact);
}

/** What a pending action would do now, and to whom: a decision is bound to it. */
export function shownBinding(state: State, action: Action): string {
  return bindingOf(state, action, action.run.agent.settings.hook);
}

function isPending(action: Action): boolean {
  return action.status === 'pending_approval';
}

/**
 * Approves an action. A note is executed at once, or stays pending where something forbids it; while the brake is on it
 * waits as all others do.
 */
function grant(state: State, action: Action, { by, edit, via }: Given, process: Process): void {
  const isNote = action.type === 'note' && !state.brake;
  if (isNote && isOverruled(state, action, edit)) return;
  if (!isPending(action)) action.expires = limitFrom(state, action.run.agent.settings, action.type);
  action.text = edit ?? action.text;
  action.by = by;
  action.via = via;
  action.isAuto = false;
  if (!isNote) action.holder = process;
  action.binding = shownBinding(state, action);
  action.to = targetOf(state, action, action.run.agent.settings.hook);
  move(state, action, isNote ? 'executed' : 'approved');
}

function attemptOrFreeze(state: State, action: Action, way: Way): Told {
  if (way.stop !== 'approved' || action.status !== 'approved') return attempt(state, action, way);
  return freeze(state, way.process, (mood) => attempt(state, action, { ...way, mood, stop: undefined }));
}

export function approve(state: State, action: Action, given: Given, way: Way): Told {
  expireDue(state);
  if (!isThere(state, action)) return 'NOT_FOUND';
  const isStale = given.shown !== undefined && given.shown !== shownBinding(state, action);
  if (!isPending(action) || isStale) return 'CONFLICT';
  if (fallsShort(action, given.via, way.process)) return 'FORBIDDEN';
  grant(state, action, given, way.process);
  return attemptOrFreeze(state, action, way);
}

export function reject(state: State, action: Action, { by, shown }: Given): Told {
  expireDue(state);
  if (!isThere(state, action)) return 'NOT_FOUND';
  const isTakenBack = state.brake && action.status === 'approved';
  const binding = isTakenBack ? action.binding : shownBinding(state, action);
  const isStale = shown !== undefined && shown !== binding;
  if (!(isPending(action) || isTakenBack) || isStale) return 'CONFLICT';
  action.by = by;
  if (!isTakenBack) action.to = targetOf(state, action, action.run.agent.settings.hook);
  move(state, action, isTakenBack ? 'cancelled' : 'rejected');
  return 'ok';
}

export type Settlement = 'sent' | 'not_sent' | 'retry';

export function settle(state: State, action: Action, outcome: Settlement, given: Given, way: Way): Told {
  if (!isThere(state, action)) return 'NOT_FOUND';
  const isRetry = outcome === 'retry';
  if (action.status !== 'unknown' && !(isRetry && action.status === 'failed')) return 'CONFLICT';
  if (!isRetry) {
    move(state, action, outcome === 'sent' ? 'executed' : 'failed');
    action.holder = undefined;
    return 'ok';
  }
  if (fallsShort(action, given.via, way.process)) return 'FORBIDDEN';
  grant(state, action, given, way.process);
  return attemptOrFreeze(state, action, way);
}

/** Sends an action back. It is refused: every agent of the model has rules, and a rule can't be told anything. */
export function revise(state: State, action: Action): Told {
  expireDue(state);
  return isThere(state, action) ? 'CONFLICT' : 'NOT_FOUND';
}

export type Bulk = { told: Told; decided: number; skipped: number };

/**
 * Decides the rows of a page that are as they were shown; CONFLICT where none is, VALIDATION_ERROR where it was shown to
 * somebody else.
 */
export function review(
  state: State,
  look: Look,
  verdict: 'approve' | 'reject',
  given: Given & { caller: string },
  way: Way,
): Bulk {
  expireDue(state);
  if (look.caller !== given.caller) return { told: 'VALIDATION_ERROR', decided: 0, skipped: 0 };
  const isStale = ({ action, binding }: Look['rows'][number]) =>
    !isThere(state, action) || !isPending(action) || binding !== shownBinding(state, action);
  const actions = look.rows.filter((row) => !isStale(row)).map(({ action }) => action);
  if (actions.length === 0) return { told: 'CONFLICT', decided: 0, skipped: 0 };
  for (const action of actions) {
    if (verdict === 'reject') reject(state, action, given);
    else if (!fallsShort(action, given.via, way.process)) grant(state, action, given, way.process);
  }
  const left = actions.filter(isPending).length;
  const counts = { decided: actions.length - left, skipped: look.rows.length - actions.length + left };
  const isApproved = actions.some((action) => action.status === 'approved');
  if (!isApproved) return { told: 'ok', ...counts };
  const goOn = (mood: Way['mood']) => attemptAll(state, { ...way, mood });
  if (way.stop === 'approved') return { told: freeze(state, way.process, goOn), ...counts };
  goOn(way.mood);
  return { told: 'ok', ...counts };
}

export type Trigger = { id: () => string; name: string; ids: string[] | undefined; isDry: boolean };

/** Makes a run, and works on it. */
export function trigger(state: State, { id, name, ids, isDry }: Trigger, way: Way): Told {
  const agent = state.agents.get(name);
  if (!agent) return 'NOT_FOUND';
  if (state.brake || agent.settings.status === 'archived') return 'CONFLICT';
  if (ids?.some((contact) => !state.contacts.has(contact))) return 'NOT_FOUND';
  const named = ids && [...new Set(ids)];
  const run: Run = {
    ...{ id: id(), agent, settings: agent.settings, isDry, named, targets: undefined, targeted: named?.length ?? 0 },
    ...{ status: 'queued', holder: undefined, results: new Map(), history: [] },
  };
  state.runs.push(run);
  const carryOn = (mood: Way['mood']) => work(state, run, { ...way, mood, stop: undefined });
  if (way.stop === 'run_created') return freeze(state, way.process, carryOn);
  return work(state, run, way);
}

export function cancelRun(state: State, run: Run, way: Way): Told {
  if (!state.runs.includes(run)) return 'NOT_FOUND';
  if (isOver(run) && run.status !== 'cancelled') return 'CONFLICT';
  run.status = 'cancelled';
  run.holder = undefined;
  drain(state, run, way);
  return 'ok';
}

/** Cancels the open actions that are meant, but none with an unknown outcome. False while one is being attempted. */
function cancelOpen(state: State, isMeant: (action: Action) => boolean, by: string): boolean {
  const meant = state.open.filter(isMeant);
  if (meant.some((action) => action.status === 'executing')) return false;
  for (const action of meant.filter(({ status }) => status !== 'unknown')) {
    action.by = by;
    move(state, action, 'cancelled');
  }
  state.open = state.open.filter((action) => !isMeant(action));
  return true;
}

export function deleteAgent(state: State, name: string, { by, via }: Given): Told {
  const agent = state.agents.get(name);
  if (!agent) return 'NOT_FOUND';
  const isMine = (action: Action) => action.run.agent === agent;
  const isUnsettled = state.open.some((action) => isMine(action) && action.status === 'unknown');
  if (isUnsettled) return 'CONFLICT';
  if (fallsShortOf(agent, via)) return 'FORBIDDEN';
  if (!cancelOpen(state, isMine, by)) return 'CONFLICT';
  state.agents.delete(name);
  for (const run of state.runsOf(agent)) state.runs.splice(state.runs.indexOf(run), 1);
  return 'ok';
}

export function deleteContact(state: State, contact: string, by: string): Told {
  if (!state.contacts.has(contact)) return 'NOT_FOUND';
  if (!cancelOpen(state, (action) => action.contact === contact, by)) return 'CONFLICT';
  state.contacts.delete(contact);
  state.ledger.delete(contact);
  state.answers.delete(contact);
  for (const action of state.written) if (action.contact === contact) state.written.delete(action);
  for (const agent of state.agents.values()) agent.evaluated.delete(contact);
  for (const run of state.runs) {
    run.results.delete(contact);
    run.targets = run.targets?.filter((target) => target !== contact);
    run.named = run.named?.filter((target) => target !== contact);
  }
  return 'ok';
}

/** Imports a contact. An import can withdraw consent, but never gives it. */
export function importContact(state: State, id: string, row: Partial<Person>): void {
  const before = state.contacts.get(id);
  state.contacts.set(id, {
    email: row.email ?? before?.email,
    do_not_email: before?.do_not_email === true || row.do_not_email === true,
    do_not_contact: before?.do_not_contact === true || row.do_not_contact === true,
  });
}

export type Saved = { settings: Settings; namesApproval: boolean; via: Proof | undefined };

/** A contact answers: an event that a tool gives the name "Replied". */
export function answer(state: State, id: string): void {
  state.answers.set(id, (state.answers.get(id) ?? 0) + 1);
}

export function saveAgent(state: State, name: string, { settings, namesApproval, via }: Saved): Told {
  const before = state.agents.get(name);
  const change = { after: settings, namesApproval };
  if (before && needsPerson(state, before, change) && !isProof(before, via)) return 'FORBIDDEN';
  const agent: Agent = before ?? { name, settings, version: 0, evaluated: new Map<string, number>() };
  movePermission(state, agent, change, before === undefined);
  agent.settings = settings;
  agent.version += 1;
  state.agents.set(name, agent);
  return 'ok';
}

/** A person's word on what an agent would do unasked. */
export function decideGrant(agent: Agent, isAllowed: boolean): void {
  agent.asked = undefined;
  if (isAllowed) agent.granted = mandate(agent.settings);
}

/** A frozen process goes on where it stopped. */
export function thaw(state: State, process: Process, mood: Way['mood']): void {
  const goOn = state.frozen.get(process);
  state.frozen.delete(process);
  goOn?.(mood);
  // It ends then, and leaves what the brake kept it from doing.
  state.lapsed.add(process);
}
