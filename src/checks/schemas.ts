import { createHash } from 'node:crypto';
import { valuesIn } from '../domain/base/json.ts';
import { type Check, type Schemas, Unchecked } from '../domain/base/schema-check.ts';
import { beyondLimits } from '../domain/schema/limits.ts';
import type { Task, TaskResult } from './task.ts';
import { CheckThread, ThreadEnded, type ThreadTiming } from './thread.ts';

const TIMING: ThreadTiming = { startMs: 10_000, taskMs: 1_000, idleMs: 10_000 };
/** The largest value that is checked: the characters of its JSON, and the values in it. */
const MOST_CHARACTERS = 1_000_000;
const MOST_PARTS = 20_000;
/** The most results that are remembered. A decision needs far fewer. */
const MOST_KNOWN = 2_000;
/** A result that comes from a limit of time or memory holds for so long: a busy machine isn't the schema's fault. */
const LIMIT_HOLDS_MS = 60_000;

const TOO_LARGE = "is larger than 1 MB, or holds more than 20,000 values, so it can't be checked";

/** What is known of a task, and until when. */
type Known = { answer: TaskResult; until: number };

function digestOf(task: Task): string {
  // No JSON text holds this character as it is, so it parts them.
  const hash = createHash('sha256').update(`${task.job}\u0000${task.schema}\u0000`);
  return hash.update('value' in task ? task.value : '').digest('base64');
}

class Checker implements Schemas {
  readonly #thread: CheckThread;
  /** Results by the digest of their task, the longest unused first. */
  readonly #known = new Map<string, Known>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(timing: ThreadTiming) {
    this.#thread = new CheckThread(timing);
  }

  async checkOf(schema: Record<string, unknown>): Promise<Check | { problem: string }> {
    const beyond = beyondLimits(schema);
    if (beyond !== undefined) return { problem: beyond };
    const text = JSON.stringify(schema);
    const { flaw } = await this.#result({ job: 'read', schema: text });
    return flaw === undefined ? (value) => this.#misfit(text, value) : { problem: flaw };
  }

  async trial(schema: Record<string, unknown>): Promise<string | undefined> {
    const beyond = beyondLimits(schema);
    return beyond ?? (await this.#result({ job: 'try', schema: JSON.stringify(schema) })).flaw;
  }

  #misfit(schema: string, value: unknown): string | undefined {
    if (valuesIn(value, MOST_PARTS) > MOST_PARTS) return TOO_LARGE;
    const text = JSON.stringify(value) ?? 'null';
    if (text.length > MOST_CHARACTERS) return TOO_LARGE;
    const task: Task = { job: 'check', schema, value: text };
    const known = this.#knownOf(digestOf(task));
    if (!known)
      throw new Unchecked(async () => {
        await this.#result(task);
      });
    return known.flaw === undefined ? known.misfit : `could not be checked: its schema can't be used: ${known.flaw}`;
  }

  #knownOf(key: string): TaskResult | undefined {
    const known = this.#known.get(key);
    if (!known || known.until < performance.now()) return undefined;
    this.#known.delete(key);
    this.#known.set(key, known);
    return known.answer;
  }

  /** The result of a task, once those before it are done. */
  async #result(task: Task): Promise<TaskResult> {
    const key = digestOf(task);
    const mine = this.#last.then(async () => {
      const known = this.#knownOf(key);
      if (known) return known;
      const found = await this.#run(task);
      this.#known.set(key, found);
      for (const oldest of this.#known.keys()) if (this.#known.size > MOST_KNOWN) this.#known.delete(oldest);
      return found.answer;
    });
    this.#last = mine;
    return mine;
  }

  /** Runs a task. One that went down with what others had left in the thread gets a thread of its own. Never rejects. */
  async #run(task: Task): Promise<Known> {
    for (let tries = 1; ; tries++) {
      try {
        return { answer: await this.#thread.run(task), until: Number.POSITIVE_INFINITY };
      } catch (error) {
        if (error instanceof ThreadEnded && !error.isOwn && tries === 1) continue;
        const why = error instanceof ThreadEnded ? error.message : `could not be tried: ${String(error)}`;
        const misfit = `could not be checked against its schema, which ${why}`;
        const answer = task.job === 'check' ? { misfit } : { flaw: `it ${why}` };
        return { answer, until: performance.now() + LIMIT_HOLDS_MS };
      }
    }
  }
}

/** The checks of a process. Nothing is started yet. */
export function createSchemas(timing: Partial<ThreadTiming> = {}): Schemas {
  return new Checker({ ...TIMING, ...timing });
}
