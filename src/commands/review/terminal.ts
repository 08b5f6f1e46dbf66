import readline from 'node:readline';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { editFile } from './editor.ts';

type Style = Parameters<typeof styleText>[0];
/** Styles text, where the terminal shows colours. */
export type Paint = (style: Style, text: string) => string;

/** Thrown when the person leaves, at whatever point: nothing more is decided. `code` is the exit code. */
export class PersonLeft extends Error {
  readonly code: number;
  constructor(code: number) {
    super('the person left');
    this.name = 'PersonLeft';
    this.code = code;
  }
}

/** The exit code for each signal, 128 and its number. */
const CODES = { SIGINT: 130, SIGHUP: 129, SIGTERM: 143 } as const;
const SIGNALS = ['SIGINT', 'SIGHUP', 'SIGTERM'] as const;
type Signal = keyof typeof CODES;
const HARD_EXIT_MS = 10_000;
const [NARROWEST, WIDEST, UNKNOWN_WIDTH] = [40, 100, 80];

type Env = Readonly<Record<string, string | undefined>>;

export type Terminal = {
  paint: Paint;
  /** The columns that a line may take. */
  width: () => number;
  say: (text: string) => void;
  /** Asks for one line. Throws PersonLeft when the person leaves instead. */
  ask: (prompt: string) => Promise<string>;
  /** Has a text edited in the person's editor; undefined where the editor fails. Throws PersonLeft. */
  edit: (text: string, extension: string) => Promise<string | undefined>;
  /** Sets what to say when the person leaves while something goes on that can't be stopped. */
  whenLeaving: (words: string | undefined) => void;
  close: () => void;
};

function painter(stdout: WriteStream): Paint {
  return stdout.hasColors() ? (style, text) => styleText(style, text) : (_, text) => text;
}

class ProcessTerminal implements Terminal {
  readonly paint = painter(process.stdout);
  readonly #env: Env;
  readonly #onEnd: () => void;
  /** The exit code, once the person has left. */
  #exitCode: number | undefined;
  /** Ends the question that is being asked. */
  #onLeaving: ((reason: PersonLeft) => void) | undefined;
  #wordsOnLeaving: string | undefined;
  #stopEditor: ((signal: NodeJS.Signals) => void) | undefined;
  readonly #onSignal = (signal: Signal) => this.#take(signal);

  constructor(env: Env, onEnd: () => void) {
    this.#env = env;
    this.#onEnd = onEnd;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    process.stdout.on('error', () => this.#leave(CODES.SIGHUP));
  }

  width(): number {
    return Math.min(Math.max(process.stdout.columns || UNKNOWN_WIDTH, NARROWEST), WIDEST);
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  ask(prompt: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#exitCode !== undefined) return reject(new PersonLeft(this.#exitCode));
      const lines = readline.createInterface({ input: process.stdin, output: process.stdout, historySize: 0 });
      this.#onLeaving = (reason) => {
        this.#onLeaving = undefined;
        lines.close();
        this.say('');
        reject(reason);
      };
      lines.once('SIGINT', () => this.#leave(CODES.SIGINT));
      lines.once('close', () => this.#onLeaving?.(new PersonLeft(this.#exitCode ?? 0)));
      lines.question(prompt, (answer) => {
        this.#onLeaving = undefined;
        lines.close();
        resolve(answer.trim());
      });
    });
  }

  async edit(text: string, extension: string): Promise<string | undefined> {
    const editing = editFile(text, extension, this.#env);
    this.#stopEditor = editing.stop;
    const edited = await editing.done;
    this.#stopEditor = undefined;
    if (this.#exitCode !== undefined) throw new PersonLeft(this.#exitCode);
    return edited;
  }

  whenLeaving(words: string | undefined): void {
    this.#wordsOnLeaving = words;
  }

  close(): void {
    for (const signal of SIGNALS) process.removeListener(signal, this.#onSignal);
    process.stdin.pause();
  }

  #leave(code: number): void {
    this.#exitCode ??= code;
    this.#onLeaving?.(new PersonLeft(this.#exitCode));
  }

  #take(signal: Signal): void {
    if (signal === 'SIGINT') {
      // The terminal sends Ctrl-C to the editor too, and the editor decides what it means.
      if (this.#stopEditor) return;
      if (this.#exitCode !== undefined) process.exit(this.#exitCode);
      if (this.#wordsOnLeaving !== undefined) this.say(this.#wordsOnLeaving);
    } else {
      this.#stopEditor?.(signal);
      this.#onEnd();
      setTimeout(() => process.exit(CODES[signal]), HARD_EXIT_MS).unref();
    }
    this.#leave(CODES[signal]);
  }
}

/**
 * The person's terminal, on stdin and stdout. Ctrl-C, Ctrl-D, a closed window and a signal end whatever is being asked.
 * `onEnd` is called where nobody is left to wait for anything: at SIGHUP and SIGTERM.
 */
export function openTerminal(env: Env, onEnd: () => void): Terminal {
  return new ProcessTerminal(env, onEnd);
}
