import { bytesOf, depthOf, isObject } from '../base/json.ts';
import { visible } from '../text/visible.ts';
import type { ToolDefinition } from './tool.ts';

const MAX_DEPTH = 64;
const MOST_BYTES = 262_144;
const LONGEST_NAME = 200;

/** A tool's definition as its server gave it, or what is wrong with it. `label` is its name, or else its place. */
export type ReadDefinition = { definition: ToolDefinition } | { label: string; problem: string };

function nameProblem(name: unknown): string | undefined {
  if (name === undefined) return 'it has no name';
  if (typeof name !== 'string') return "its name isn't a text";
  if (name.trim() === '') return 'its name is empty';
  if (name.length > LONGEST_NAME) return `its name has ${name.length} characters, and ${LONGEST_NAME} is the most`;
  if (/[\n\t]/.test(name) || visible(name) !== name) return "its name holds characters that can't be seen";
  return undefined;
}

function labelOf(name: unknown, number: number): string {
  if (typeof name !== 'string' || name.trim() === '') return `number ${number} of its list`;
  return visible(name.slice(0, LONGEST_NAME)).replace(/[\n\t]/g, ' ');
}

/** A text that a definition may leave out. Some servers write null for that. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function partsProblem({ title, description, inputSchema }: Record<string, unknown>): string | undefined {
  for (const [name, value] of [['title', title] as const, ['description', description] as const])
    if (value !== undefined && value !== null && typeof value !== 'string') return `its ${name} isn't a text`;
  if (inputSchema === undefined) return 'it has no inputSchema';
  if (!isObject(inputSchema)) return "its inputSchema isn't an object";
  const { type = 'object' } = inputSchema;
  const takesObject = type === 'object' || (Array.isArray(type) && type.includes('object'));
  return takesObject || typeof type !== 'string'
    ? undefined
    : `its inputSchema takes no object: its type is "${type.slice(0, 50)}"`;
}

/** Reads one item of a server's list of tools; `number` is its place in that list, from 1. */
export function readDefinition(raw: unknown, number: number): ReadDefinition {
  const name = isObject(raw) ? raw.name : undefined;
  const label = labelOf(name, number);
  if (!isObject(raw)) return { label, problem: "it isn't an object" };
  if (bytesOf(raw, MOST_BYTES) > MOST_BYTES)
    return { label, problem: `its definition is larger than ${MOST_BYTES >> 10} kB` };
  if (depthOf(raw, MAX_DEPTH) > MAX_DEPTH)
    return { label, problem: `its definition nests deeper than ${MAX_DEPTH} levels` };
  const problem = nameProblem(name) ?? partsProblem(raw);
  const { title, description, inputSchema, outputSchema, annotations } = raw;
  if (problem !== undefined || typeof name !== 'string' || !isObject(inputSchema))
    return { label, problem: problem ?? 'it has no name' };
  const definition = { name, title: textOf(title), description: textOf(description), inputSchema };
  return { definition: { ...definition, outputSchema, annotations } };
}
