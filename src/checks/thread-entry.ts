import { parentPort } from 'node:worker_threads';
import { type Compiled, compile, demandSchema } from './ajv.ts';
import type { Task, TaskResult } from './task.ts';

// The entry of the thread of checks. It is started by `thread.ts`, which also ends it.

const MOST_KEPT = 50;
const LONGEST_FLAW = 1_000;
/** What a schema is tried with: one that leads back to itself does so for any value. */
const TRIED: readonly unknown[] = [null, {}, [], '', 0];

/** The newest checks, by the text of their schema. */
const kept = new Map<string, Compiled>();

function compiledOf(text: string): Compiled {
  const known = kept.get(text) ?? compile(JSON.parse(text));
  kept.delete(text);
  kept.set(text, known);
  for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest);
  return known;
}

function flawOf(error: unknown): string {
  if (error instanceof RangeError) return 'it leads back to itself by its references, or nests too deep';
  return (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_FLAW);
}

function answer(task: Task): TaskResult {
  try {
    if (task.job === 'read') {
      demandSchema(JSON.parse(task.schema));
      return {};
    }
    const { check, leftOut } = compiledOf(task.schema);
    if (task.job === 'check') {
      const misfit = check(JSON.parse(task.value));
      return misfit === undefined ? {} : { misfit };
    }
    for (const value of TRIED) check(value);
    const [pattern] = leftOut;
    return pattern === undefined ? {} : { flaw: `the pattern "${pattern.slice(0, 200)}" can't run in linear time` };
  } catch (error) {
    return { flaw: flawOf(error) };
  }
}

parentPort?.on('message', (task: Task) => parentPort?.postMessage(answer(task)));
// To look at schemas, a schema of schemas has to be made first, which takes a while.
demandSchema({});
// From now on it can take tasks.
parentPort?.postMessage('ready');
