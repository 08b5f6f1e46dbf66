import type { z } from 'zod';
import type { Agent } from '../domain/agents/agent.ts';
import type { Identity } from '../domain/agents/identity.ts';
import type { Offers, PinnedTool } from '../domain/agents/tool.ts';
import type { Deps } from '../domain/base/deps.ts';
import type { BlockingFlag, Contact, ContactEvent } from '../domain/contacts/contact.ts';
import type { SendPace } from '../domain/mail/pace.ts';
import type { Answering } from '../domain/mail/threads/thread.ts';
import type { ActionRef, ActionResult } from '../domain/runs/run.ts';
import type { Event } from '../domain/state/events.ts';
import type { ToolServers } from '../net/tools/servers.ts';

/** The agent, the contact and the sender of an action, as they stand now. */
export type ActionScene = {
  agent: Agent;
  contact: Contact;
  identity: Identity | undefined;
  /** The other contacts that have the same address: their objections and messages count for this one. */
  sharing?: readonly Contact[];
  /** What the address objected to before a contact with it was erased, or got another address. */
  kept_objection?: readonly BlockingFlag[];
  /** What the contact did, oldest first; unset where nobody asks. */
  events?: readonly ContactEvent[];
  /** The tools that the agent's MCP servers offer; unset where the servers weren't asked. */
  offers?: Offers | undefined;
};

/**
 * The definition of the tool that an action calls: a decision is bound to it, beside the params. `problem` says why the
 * tool can't be called as proposed. With `isUnreachable` its server couldn't be asked, so the tool itself may be fine.
 */
export type Pinning = { pinned_tool?: PinnedTool; problem?: string; isUnreachable?: boolean };

/** One attempt at an approved action. `idempotency_key` is the same for every attempt at the same action. */
export type Attempt = ActionScene & {
  ref: ActionRef;
  params: Record<string, unknown>;
  idempotency_key: string;
  pinned_tool?: PinnedTool | undefined;
  deps: Deps;
  /** Aborted when the process is about to end: then no further try is begun. */
  ended: AbortSignal;
  toolServers: ToolServers;
  /** The home's secret: what is made with it, only this home can make or read. */
  secret: () => Promise<Buffer>;
};

type OwnEffect = {
  apply: (
    attempt: Omit<Attempt, 'deps' | 'ended' | 'toolServers' | 'secret'>,
    at: string,
  ) => { events: Event[]; result: ActionResult };
};
type WorldEffect = { perform: (attempt: Attempt) => Promise<ActionResult> };

/**
 * One type of action: the rest of the code knows of the type only what stands here. `apply` is an effect on our own
 * state: its events are written in the commit that records the outcome, so it happens exactly once. `perform` is an
 * effect on the world. A type with both performs where the action leaves the machine, and applies once that succeeded;
 * elsewhere it only applies.
 */
export type ActionType = {
  type: string;
  /** What people call one of it, such as "email". Unset: the type itself. */
  noun?: string;
  /** The word that an agent needs among its capabilities; `mcp:<server>` stands for one word for each server. */
  capability: string;
  /** Whether it reaches a person or another system: then it counts for cadence and needs the contact's consent. */
  outbound: boolean;
  /** Whether an agent's own policy may always approve it, whatever proof a person's decision would need. */
  harmless: boolean;
  /**
   * Whether doing it in this scene sends anything to another machine or program; a file in the outbox stays here. What
   * leaves needs more than a plain call to be approved, by default.
   */
  leavesMachine: (scene: ActionScene) => boolean;
  /** The agent's settings that say where it goes out, or who it is from. */
  settings?: readonly ('webhook_url' | 'crm_sync_url' | 'secret_env' | 'identity_id')[];
  params: z.ZodType<Record<string, unknown>>;
  /**
   * The params as they are done in this scene, where it settles a part of them, such as which of the contact's fields a
   * name means. Params of another shape stay as they are.
   */
  inScene?: (scene: ActionScene, params: Record<string, unknown>) => Record<string, unknown>;
  /** Where the action goes: an address, profile or URL; undefined where it goes nowhere. */
  target: (scene: ActionScene) => string | undefined;
  /** Why the action can't be done in this scene, such as a contact without an address; undefined where it can. */
  obstacle: (scene: ActionScene, params: Record<string, unknown>) => string | undefined;
  /** The action as its recipient will see it, in lines, without the recipient. Where unset, the params are shown. */
  preview?: (scene: ActionScene, params: Record<string, unknown>) => [label: string, text: string][];
  /** The flags of a contact that forbid the action. */
  consent: readonly BlockingFlag[];
  /**
   * Where params answer a message that the contact wrote to us: the message's id, and the objection that doesn't stop an
   * answer. Nor does cadence; and it is never done without a person's yes (contract, Mail that answers).
   */
  answers?: (params: Record<string, unknown>) => { id: unknown; spares: BlockingFlag } | undefined;
  /** What an answer carries of the message that it answers, such as a quotation: a decision is bound to it too. */
  carries?: (scene: ActionScene, params: Record<string, unknown>) => Answering | undefined;
  /** What this process lacks for the action, if anything. Asked at execution only: environments differ by process. */
  lack?: (scene: ActionScene, env: Deps['env']) => string | undefined;
  /** When actions of its sender go in this scene, where they may not all go at once. */
  pace?: (scene: ActionScene) => SendPace | undefined;
  /** For a type that changes the contact: the values of the fields that it sets, null for one that it removes. */
  sets?: (params: Record<string, unknown>) => Record<string, unknown>;
  /** For a type that calls tools of MCP servers: the tool as it is defined now. `before` is the one decided on. */
  pin?: (scene: Pick<ActionScene, 'agent' | 'offers'>, params: Record<string, unknown>, before?: PinnedTool) => Pinning;
  /** For a type that calls tools of MCP servers: the servers whose tools the agent may propose to call. */
  servers?: (agent: Agent) => string[];
  /** Sentences for the person about settings of an agent that won't work for this type as one may expect. */
  warnings?: (agent: Agent, deps: Pick<Deps, 'env' | 'config'>, identity: Identity | undefined) => string[];
} & (OwnEffect | WorldEffect | (OwnEffect & WorldEffect));

/** The effect of a type on our own state, where that is all that the type does in this scene; else undefined. */
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

/**
 * Thrown by `perform` when the receiver refused the recipient's address for good: nothing goes there any more until a
 * person lifts that. `words` are the receiver's.
 */
export class AddressRefused extends EffectFailed {
  readonly address: string;
  readonly words: string;
  constructor(address: string, words: string, message: string) {
    super('PROVIDER_ERROR', message);
    this.name = 'AddressRefused';
    this.address = address;
    this.words = words;
  }
}

/** Thrown by `perform` when nothing happened and the receiver asks to come back later: it is tried again after minutes. */
export class EffectLater extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'EffectLater';
    this.code = code;
  }
}

/** Thrown by `perform` when the receiver may have got the action: a person has to find out. */
export class EffectUnknown extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'EffectUnknown';
    this.code = code;
  }
}
