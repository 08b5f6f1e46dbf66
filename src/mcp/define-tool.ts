import type { z } from 'zod';
import type { Author, Scope } from '../domain/base/author.ts';
import type { House } from '../engine/base/house.ts';
import type { OnMessage } from '../engine/chat/chat.ts';
import type { OnProgress } from '../engine/runs/read.ts';
import { checkArgs } from './arguments.ts';
import type { Asking } from './forms/prove.ts';
import type { Toolset } from './toolsets.ts';

/** A page that a client may draw beside a tool's result (MCP Apps). */
export type Panel = { name: string; title: string; uri: string; description: string };

/** One call of a tool: who calls, and how the call is followed and stopped. */
export type Call = {
  house: House;
  /** The OS user and the client, as `created_by` and `decided_by` keep them. */
  by: Author;
  signal: AbortSignal;
  onProgress: OnProgress;
  /** Takes each message of a conversation with an agent as it comes. */
  onMessage: OnMessage;
  /** Takes each step of a call that has several, in words. */
  onStep: (words: string) => void;
  /** Whether the client can ask the person by a form, and the answer to one. */
  asking: Asking;
};

/** MCP's tool annotations. All four are always given, because a client takes a missing one for its default. */
export type Hints = { readOnly: boolean; destructive: boolean; idempotent: boolean; openWorld: boolean };

/** A resource that a tool reads: its JSON is the tool's structured content, its URI's variables are the arguments. */
export type ResourceView = {
  name: string;
  title: string;
  uri: string;
  description: string;
  /** The values of the URI's only variable that `resources/list` offers, newest first. */
  list?: (house: House) => Promise<Listed[]>;
  /** A text that changes whenever the resource does. Only a resource that has this can be subscribed to. */
  fingerprint?: (variables: Readonly<Record<string, string>>, house: House) => Promise<string>;
};

export type Listed = { id: string; title: string; description: string };

export type Tool = {
  name: string;
  title: string;
  description: string;
  toolset: Toolset;
  /** A token with one of these scopes may call the tool. */
  scopes: readonly Scope[];
  hints: Hints;
  input: z.ZodObject;
  /** Top-level keys of the result; later versions may have more. */
  output: Record<string, OutputKey>;
  resources: readonly ResourceView[];
  /** The page that a client may draw beside a result. */
  panel?: Panel;
  /** Set where the result itself says how many actions wait, in every run or in the run that it is about. */
  tellsWaiting?: 'all' | 'run';
  /** Checks the arguments, then does the work. Throws AppError. */
  run: (args: unknown, call: Call) => Promise<Record<string, unknown>>;
};

/** What a result holds at a key: a JSON type, or things of a shape from `engine/base/shown`: one, maybe one (else null), or many. */
export type OutputKey =
  | 'object'
  | 'array'
  | 'string'
  | 'integer'
  | 'boolean'
  | { one: () => z.ZodType }
  | { maybe: () => z.ZodType }
  | { many: () => z.ZodType };

/** The hints of tools that only read, that add something, that change what is there, and that act on the world. */
export const READS: Hints = { readOnly: true, destructive: false, idempotent: true, openWorld: false };
export const ADDS: Hints = { readOnly: false, destructive: false, idempotent: false, openWorld: false };
export const CHANGES: Hints = { readOnly: false, destructive: true, idempotent: true, openWorld: false };
export const ACTS: Hints = { readOnly: false, destructive: true, idempotent: false, openWorld: true };

export type ToolSpec<I extends z.ZodObject> = Omit<Tool, 'input' | 'run' | 'resources'> & {
  input: I;
  resources?: readonly ResourceView[];
  handler: (args: z.infer<I>, call: Call) => Promise<Record<string, unknown>>;
};

/** Makes a tool of its spec. The handler gets only arguments that fit the input schema. */
export function defineTool<I extends z.ZodObject>(spec: ToolSpec<I>): Tool {
  const { handler, ...rest } = spec;
  return { resources: [], ...rest, run: async (args, call) => handler(checkArgs(spec.input, args), call) };
}

/** Does a tool's work, and adds to its result what the person has to hear of beside it. */
export type WithNotice = (
  tool: Tool,
  args: unknown,
  work: () => Promise<Record<string, unknown>>,
) => Promise<Record<string, unknown>>;
