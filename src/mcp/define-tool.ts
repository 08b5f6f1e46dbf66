import type { z } from 'zod';
import type { Author } from '../domain/base/author.ts';
import type { House } from '../engine/base/house.ts';
import type { OnMessage } from '../engine/chat/chat.ts';
import type { OnProgress } from '../engine/runs/read.ts';
import { checkArgs } from './arguments.ts';
import type { Asking } from './forms/prove.ts';
import type { Toolset } from './toolsets.ts';

/** Who calls, and how the call may be followed and stopped. */
export type Call = {
  house: House;
  /** The OS user and the client, as it is written into `created_by` and `decided_by`. */
  by: Author;
  signal: AbortSignal;
  onProgress: OnProgress;
  /** Tells each message of a conversation as it is said. */
  onMessage: OnMessage;
  /** How the person may be asked. */
  asking: Asking;
};

/** All four of MCP's hints, so that a client never has to guess. */
export type Hints = { readOnly: boolean; destructive: boolean; idempotent: boolean; openWorld: boolean };

/** Resources whose JSON equals this tool's structured content: their URI template's variables are its arguments. */
export type ResourceView = {
  name: string;
  title: string;
  uri: string;
  description: string;
  /** Values of the template's one variable to offer in a list, newest first. */
  list?: (house: House) => Promise<Listed[]>;
  /** Differs once the resource did; a resource that has it can be subscribed to. */
  fingerprint?: (variables: Readonly<Record<string, string>>, house: House) => Promise<string>;
};

export type Listed = { id: string; title: string; description: string };

export type Tool = {
  name: string;
  title: string;
  description: string;
  toolset: Toolset;
  hints: Hints;
  input: z.ZodObject;
  /** Top-level keys of the result; later versions may have more. */
  output: Record<string, OutputKey>;
  resources: readonly ResourceView[];
  /** Its result says how many actions wait: in every run, or in the run it is about. */
  tellsWaiting?: 'all' | 'run';
  /** Checks the arguments, then does the work; throws AppError. */
  run: (args: unknown, call: Call) => Promise<Record<string, unknown>>;
};

/** What stands at a key: a JSON type, or where it is a thing that is shown, one or many of its shape. */
export type OutputKey =
  | 'object'
  | 'array'
  | 'string'
  | 'integer'
  | 'boolean'
  | { one: () => z.ZodType }
  | { many: () => z.ZodType };

export const READS: Hints = { readOnly: true, destructive: false, idempotent: true, openWorld: false };
export const ADDS: Hints = { readOnly: false, destructive: false, idempotent: false, openWorld: false };
export const CHANGES: Hints = { readOnly: false, destructive: true, idempotent: true, openWorld: false };
export const ACTS: Hints = { readOnly: false, destructive: true, idempotent: false, openWorld: true };

export type ToolSpec<I extends z.ZodObject> = Omit<Tool, 'input' | 'run' | 'resources'> & {
  input: I;
  resources?: readonly ResourceView[];
  handler: (args: z.infer<I>, call: Call) => Promise<Record<string, unknown>>;
};

/** One tool out of its words, its schema and its call into the engine. */
export function defineTool<I extends z.ZodObject>(spec: ToolSpec<I>): Tool {
  const { handler, ...rest } = spec;
  return { resources: [], ...rest, run: async (args, call) => handler(checkArgs(spec.input, args), call) };
}
