import readline from 'node:readline';
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { editFile } from './editor.ts';

type Style = Parameters<typeof styleText>[0];
/** Styles text, where the terminal shows colours. */
export type Paint = (style: Style, text: string) => string;

/** Thrown when the person leaves, at whatever point: nothing further is decided. `code` is the exit code. */
export class Left extends Error {
  readonly code: number;
  constructor(code: number) {
    super('the person left');
    this.name = 'Left';
    this.code = code;
  }
}

const CODES = { SIGINT: 130, SIGHUP: 129, SIGTERM: 143 } as const;
const HARD_EXIT_MS = 10_000;
const [NARROWEST, WIDEST, UNKNOWN_WIDTH] = [40, 100, 80];

export type Terminal = {
  paint: Paint;
  width: () => number;
  say: (text: string) => void;
  /** Asks for one line; throws Left when the person leaves instead. */
  ask: (prompt: string) => Promise<string>;
  /** Has a text edited in the person's editor; undefined where the editor reports a failure. */
  edit: (text: string, extension: string) => Promise<string | undefined>;
  /** Said once when the person leaves while something goes on that can't be stopped. */
  whenLeaving: (words: string | undefined) => void;
  close: () => void;
};

/**
 * A person's terminal. Ctrl-C, Ctrl-D, a closed window and a signal end whatever is being asked; `onEnd` hears of those
 * after which nobody is there to wait.
 */
export function openTerminal(env: Readonly<Record<string, string | undefined>>, onEnd: () => void): Terminal {
  const { stdin, stdout } = process;
  let left: number | undefined;
  let onLeaving: ((reason: Left) => void) | undefined;
  let farewell: string | undefined;
  let stopEditor: ((signal: NodeJS.Signals) => void) | undefined;

  const say = (text: string) => {
    stdout.write(`${text}\n`);
  };
  const leave = (code: number) => {
    left ??= code;
    onLeaving?.(new Left(left));
  };
  const onSignal = (signal: keyof typeof CODES) => {
    // The terminal sends Ctrl-C to the editor too: what it means there is the editor's business.
    if (stopEditor && signal === 'SIGINT') return;
    if (left !== undefined && signal === 'SIGINT') process.exit(left);
    stopEditor?.(signal);
    if (farewell !== undefined && signal === 'SIGINT') say(farewell);
    if (signal !== 'SIGINT') {
      onEnd();
      setTimeout(() => process.exit(CODES[signal]), HARD_EXIT_MS).unref();
    }
    leave(CODES[signal]);
  };
  const onGone = () => leave(CODES.SIGHUP);
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, onSignal);
  stdout.on('error', onGone);

  return {
    paint: painter(stdout),
    width: () => Math.min(Math.max(stdout.columns || UNKNOWN_WIDTH, NARROWEST), WIDEST),
    say,
    ask: (prompt) =>
      new Promise((resolve, reject) => {
        if (left !== undefined) return reject(new Left(left));
        const lines = readline.createInterface({ input: stdin, output: stdout, historySize: 0 });
        onLeaving = (reason) => {
          onLeaving = undefined;
          lines.close();
          say('');
          reject(reason);
        };
        lines.once('SIGINT', () => leave(CODES.SIGINT));
        lines.once('close', () => onLeaving?.(new Left(left ?? 0)));
        lines.question(prompt, (answer) => {
          onLeaving = undefined;
          lines.close();
          resolve(answer.trim());
        });
      }),
    async edit(text, extension) {
      const editing = editFile(text, extension, env);
      stopEditor = editing.stop;
      const edited = await editing.done;
      stopEditor = undefined;
      if (left !== undefined) throw new Left(left);
      return edited;
    },
    whenLeaving(words) {
      farewell = words;
    },
    close() {
      for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.removeListener(signal, onSignal);
      stdin.pause();
    },
  };
}

function painter(stdout: WriteStream): Paint {
  return stdout.hasColors() ? (style, text) => styleText(style, text) : (_, text) => text;
}
