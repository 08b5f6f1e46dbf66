import { setTimeout as pause } from 'node:timers/promises';
import type { OnMessage } from '../engine/chat/chat.ts';
import type { OnProgress } from '../engine/runs/read.ts';

/** What one progress notification tells. */
export type Told = { progress: number; total?: number; message: string };

/** The progress of one call, as the client is told it. */
export type CallProgress = {
  onProgress: OnProgress;
  onMessage: OnMessage;
  /** Takes what is done now, in words. */
  onStep: (words: string) => void;
  /** Ends the telling. The call's answer may go out as soon as this is done. */
  close: () => Promise<void>;
};

/** An answer stays this far behind the last progress. */
const APART_MS = 50;

/**
 * Tells a call's progress by `send`, which is missing where the client didn't ask for any. The answer comes well after
 * the last progress: a client that reads both at once may have forgotten the call already, and takes the progress for
 * an error.
 */
export function createProgress(
  send: ((told: Told) => void) | undefined,
  apart: () => Promise<unknown> = () => pause(APART_MS),
): CallProgress {
  let last = -1;
  let isOpen = send !== undefined;
  let quiet: Promise<unknown> = Promise.resolve();
  const tell = (told: Told) => {
    if (!isOpen) return;
    last = told.progress;
    send?.(told);
    quiet = apart();
  };
  return {
    onProgress(done, of, what = 'contacts evaluated') {
      if (done > last) tell({ progress: done, total: of, message: `${done} of ${of} ${what}` });
    },
    onMessage(message) {
      tell({ progress: Math.max(0, last) + 1, message: JSON.stringify(message) });
    },
    onStep(words) {
      tell({ progress: Math.max(0, last) + 1, message: words });
    },
    async close() {
      isOpen = false;
      await quiet;
    },
  };
}
