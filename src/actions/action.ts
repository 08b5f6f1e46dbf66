import type { z } from 'zod';
import type { Agent } from '../domain/agents/agent.ts';
import type { Identity } from '../domain/agents/identity.ts';
import type { Offers, PinnedTool } from '../domain/agents/tool.ts';
import type { Deps } from '../domain/base/deps.ts';
import type { Contact } from '../domain/contacts/contact.ts';
import type { ActionRef, ActionResult } from '../domain/runs/run.ts';
import type { Event } from '../domain/state/events.ts';
import type { ToolServers } from '../net/tools/servers.ts';

/** What an action acts on and with, as it stands now. */
export type ActionScene = {
  agent: Agent;
  contact: Contact;
  identity: Identity | undefined;
  /** What the agent's MCP servers were heard to offer, where that was asked. */
  offers?: Offers | undefined;
};

/**
 * What a decision binds to beside the params: the definition of the tool. `problem` says why it can't be called as
 * proposed; `isUnreachable`, that its server couldn't be asked, which says nothing of the tool.
 */
export type Pinning = { pinned_tool?: PinnedTool; problem?: string; isUnreachable?: boolean };

/** One attempt at an approved action. `idempotency_key` is the same for every attempt at it. */
export type Attempt = ActionScene & {
  ref: ActionRef;
  params: Record<string, unknown>;
  idempotency_key: string;
  pinned_tool?: PinnedTool | undefined;
  deps: Deps;
  /** Aborted when the process is about to end: no further try is begun. */
  ended: AbortSignal;
  toolServers: ToolServers;
};

type OwnEffect = {
  apply: (
    attempt: Omit<Attempt, 'deps' | 'ended' | 'toolServers'>,
    at: string,
  ) => { events: Event[]; result: ActionResult };
};
type WorldEffect = { perform: (attempt: Attempt) => Promise<ActionResult> };

/**
 * One kind of action: all that the house knows of it stands here. An effect on Countersign's own state is `apply`: its
 * events are written in the very commit that records the outcome, so it happens exactly once. An effect on the world is
 * `perform`. A kind with both performs where it leaves the machine, and applies its own effect with the outcome, if
 * that was a success; elsewhere it only applies.
 */
export type ActionType = {
  type: string;
  /** The word among an agent's capabilities that it needs; `mcp:<server>` stands for one word a server. */
  capability: string;
  /** Reaches a person or another system: counts for cadence and needs contact consent. */
  outbound: boolean;
  /** Needs no grant: an agent's own policy may approve it whatever proof a decision needs, and no form asks for that. */
  harmless: boolean;
  /** Whether doing it in this scene sends anything to another machine or program; a file in the outbox stays here. */
  leavesMachine: (scene: ActionScene) => boolean;
  params: z.ZodType<Record<string, unknown>>;
  /** Where it goes: an address, profile or URL; undefined where there is none to go to. */
  target: (scene: ActionScene) => string | undefined;
  /** Why it can't be done for this scene, if so: no address, or no code in this build. */
  obstacle: (scene: ActionScene, params: Record<string, unknown>) => string | undefined;
  /** The action as its recipient will see it, line by line; without it, its params. The recipient is added in front. */
  preview?: (scene: ActionScene, params: Record<string, unknown>) => [label: string, text: string][];
  /** The consent flags of a contact that forbid it. */
  consent: readonly ('do_not_email' | 'do_not_contact')[];
  /** What this process lacks to do it, if anything. Asked at execution only: environments differ between processes. */
  lack?: (scene: ActionScene, env: Deps['env']) => string | undefined;
  /** For a type that calls others' tools: which one, as it is defined now; `before`: the one that was decided on. */
  pin?: (scene: ActionScene, params: Record<string, unknown>, before?: PinnedTool) => Pinning;
  /** For such a type: the MCP servers whose tools the agent may propose to call. */
  servers?: (agent: Agent) => string[];
  /** What an agent's settings, as far as this type goes, won't do as one may think: sentences for the person. */
  warnings?: (agent: Agent, deps: Pick<Deps, 'env' | 'config'>) => string[];
} & (OwnEffect | WorldEffect | (OwnEffect & WorldEffect));

/** The effect of a kind on our own state, where that is all it does in this scene. */
export function ownEffectAlone(known: ActionType | undefined, scene: ActionScene): OwnEffect | undefined {
  if (!known || !('apply' in known)) return undefined;
  return 'perform' in known && known.leavesMachine(scene) ? undefined : known;
}

/** Thrown by `perform` when it is certain that nothing happened: nothing reached the receiver, or it refused. */
export class EffectFailed extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'EffectFailed';
    this.code = code;
  }
}

/** Thrown by `perform` when the receiver may have got it: a person has to find out. */
export class EffectUnknown extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'EffectUnknown';
    this.code = code;
  }
}
