import type { House } from '../base/house.ts';
import { isBrakedNow } from '../gate/brake.ts';

/** What a job knows of the brake. A run that found it on ends its work, and is taken up again from the start. */
export type BrakeWatch = { wasOn: () => boolean; saw: (isOn: boolean) => boolean; isOn: () => Promise<boolean> };

export function watchBrake(house: House): BrakeWatch {
  let wasOn = false;
  const saw = (isOn: boolean) => {
    wasOn ||= isOn;
    return wasOn;
  };
  return { wasOn: () => wasOn, saw, isOn: async () => saw(await isBrakedNow(house)) };
}

/** A signal that aborts with `outer`, or by `stop`. `run` waits for work, then throws the failure given to `stop`. */
export function stoppable(outer: AbortSignal) {
  const controller = new AbortController();
  const { signal } = controller;
  let failure: unknown;
  const stop = (why?: unknown) => {
    if (!signal.aborted) failure = why;
    controller.abort();
  };
  const follow = () => stop();
  outer.addEventListener('abort', follow, { once: true });
  if (outer.aborted) follow();
  const run = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const value = await work;
      if (failure !== undefined) throw failure;
      return value;
    } finally {
      outer.removeEventListener('abort', follow);
    }
  };
  return { signal, stop, run };
}
