import type { AgentInput } from '../../../src/domain/agents/agent.ts';
import type { ActionStatus, RunStatus } from '../../../src/domain/runs/run.ts';
import type { ProofLevel } from '../../../src/engine/gate/proof.ts';
import { movedSince, type Sight } from './freshness.ts';

export type Type = 'note' | 'webhook' | 'email_message';
export type Proposal = { type: Type; text: string };

/** The settings of an agent that the model knows. Its agents propose the same for every contact. */
export type Settings = {
  status: 'draft' | 'active' | 'archived';
  propose: readonly Proposal[];
  capabilities: readonly string[];
  auto_approve: readonly Type[];
  min_proof: ProofLevel | undefined;
  expires_after_hours: number | undefined;
  cooldown_days: number | undefined;
  max_per_contact_per_week: number | undefined;
  /** The path of the agent's webhook_url at the receiver. */
  hook: string;
};

export type Agent = {
  name: string;
  settings: Settings;
  version: number;
  evaluated: Map<string, number>;
  /** What a person allowed the agent to do unasked: the mandate that it had then. */
  granted?: string | undefined;
  /** When a person was last asked to allow what the agent would do unasked now; undefined where nothing waits. */
  asked?: number | undefined;
};
export type Person = { email: string | undefined; do_not_email: boolean; do_not_contact: boolean };

/** A process, by a number that is never used twice. */
export type Process = number;

/** Whether a process was started with COUNTERSIGN_MIN_PROOF=client. Every third one is. */
export function trustsClients(process: Process): boolean {
  return process % 3 === 2;
}

export type Action = {
  run: Run;
  contact: string;
  index: number;
  type: Type;
  text: string;
  /** The text that was proposed, before anyone edited it. */
  proposed: string;
  /** What the evaluation saw that proposed it, and when that was. */
  seen: Sight;
  proposedAt: number;
  status: ActionStatus;
  isAuto: boolean;
  by: string | undefined;
  /** The proof that came with the decision. */
  via: ProofLevel | undefined;
  /** When the status last changed. */
  since: number;
  expires: number | undefined;
  /** What the decision is bound to: what the action does, to whom, and what moved since it was proposed. */
  binding: string;
  /** Where it goes as of its last decision. */
  to?: string | undefined;
  /** The process that has to execute the action, or is executing it. */
  holder: Process | undefined;
};

export type Result = { actions: Action[]; blocked: string[]; isGone: boolean };

export type Run = {
  id: string;
  agent: Agent;
  /** The agent's settings when the run was made. */
  settings: Settings;
  isDry: boolean;
  named: string[] | undefined;
  targets: string[] | undefined;
  targeted: number;
  status: RunStatus;
  holder: Process | undefined;
  results: Map<string, Result>;
  /** All results that the run ever had, those of deleted contacts too. */
  history: Result[];
};

/** A page of pending actions, as a caller was shown it. */
export type Look = { token: string; caller: string; rows: { action: Action; binding: string; digest: string }[] };

/** How the receiver of webhooks answers a request. */
export type Mood = 'accepts' | 'refuses' | 'breaks off';
/** What a frozen process does next once it thaws. */
export type GoOn = (mood: Mood) => void;

/** The state of the product in the simplest form: maps and lists in memory, with one action after another. */
export class State {
  now: number;
  /** Whether the brake is on. */
  brake = false;
  readonly contacts = new Map<string, Person>();
  /** How often each contact answered. */
  readonly answers = new Map<string, number>();
  readonly agents = new Map<string, Agent>();
  readonly runs: Run[] = [];
  /** All actions about a contact, those of deleted runs too. */
  readonly ledger = new Map<string, Action[]>();
  /** The open actions (pending, approved, executing, unknown), in the order in which they became open. */
  open: Action[] = [];
  readonly looks: Look[] = [];
  /** What each frozen process does next once it thaws. */
  readonly frozen = new Map<Process, GoOn>();
  /** Processes whose lease has lapsed. */
  readonly lapsed = new Set<Process>();
  /** How often each webhook reached its receiver, by the action's address. */
  readonly sent = new Map<string, number>();
  /** The actions whose emails are in the outbox. */
  readonly written = new Set<Action>();

  constructor(now: number) {
    this.now = now;
  }

  actions(): Action[] {
    return this.runs.flatMap((run) => [...run.results.values()].flatMap((result) => result.actions));
  }

  runsOf(agent: Agent): Run[] {
    return this.runs.filter((run) => run.agent === agent);
  }
}

const STAYS_OPEN: ReadonlySet<string> = new Set(['pending_approval', 'approved', 'executing', 'unknown']);

export function isOver({ status }: Run): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

export function addressOf({ run, index, contact }: Action): string {
  return `${run.id}/${index}/${contact}`;
}

/** Changes the status of an action. No other function does. */
export function move(state: State, action: Action, to: ActionStatus): void {
  action.status = to;
  action.since = state.now;
  if (!STAYS_OPEN.has(to)) state.open = state.open.filter((item) => item !== action);
  else if (!state.open.includes(action)) state.open.push(action);
}

/** Where an action of this type goes now. */
export function targetOf(state: State, { type, contact }: Pick<Action, 'type' | 'contact'>, hook: string): string {
  return { note: '', webhook: hook, email_message: state.contacts.get(contact)?.email ?? '' }[type];
}

/** What an action would do now, to whom, and what moved since it was proposed. */
export function bindingOf(state: State, action: Action, hook: string): string {
  const { type, text } = action;
  return `${type} "${text}" to ${targetOf(state, action, hook)}, since: ${movedSince(state, action)}`;
}

export const CAPABILITY: Record<Type, string> = { note: 'notes', webhook: 'webhook', email_message: 'email' };

/** A template that renders to another text at each evaluation, so that the action is no repeat. */
export const NEWS = '{{ now }}';

/** The params of an action of this type with this text. */
export function paramsOf({ type, text }: Proposal): Record<string, unknown> {
  if (type === 'note') return { body: text };
  return type === 'webhook' ? { payload: { text } } : { subject: text, message: 'Hello.' };
}

/** The settings as arguments of create_agent; `cleared` are those that an update has to take away. */
export function agentArgs(name: string, settings: Settings, url: string): { input: AgentInput; cleared: string[] } {
  const { status, propose, capabilities, auto_approve } = settings;
  const { min_proof, expires_after_hours, cooldown_days, max_per_contact_per_week } = settings;
  const optional = { 'approval.min_proof': min_proof, 'approval.expires_after_hours': expires_after_hours };
  const limits = { 'limits.cooldown_days': cooldown_days, 'limits.max_per_contact_per_week': max_per_contact_per_week };
  const rules = [{ name: 'all', propose: propose.map((item) => ({ type: item.type, params: paramsOf(item) })) }];
  return {
    input: {
      ...{ name, status, capabilities: [...capabilities], playbook: { rules } },
      approval: {
        auto_approve: [...auto_approve],
        ...(min_proof === undefined ? {} : { min_proof }),
        ...(expires_after_hours === undefined ? {} : { expires_after_hours }),
      },
      limits: {
        ...(cooldown_days === undefined ? {} : { cooldown_days }),
        ...(max_per_contact_per_week === undefined ? {} : { max_per_contact_per_week }),
      },
      connections: { webhook_url: url },
    },
    cleared: Object.entries({ ...optional, ...limits }).flatMap(([path, value]) => (value === undefined ? [path] : [])),
  };
}
