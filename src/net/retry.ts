import { setTimeout as pause } from 'node:timers/promises';

/**
 * The milliseconds that a server asks to wait, by `retry-after-ms`, or by Retry-After in seconds or as an HTTP date;
 * undefined where it asks for none.
 */
export function askedWait(headers: Headers, now: Date): number | undefined {
  const inMs = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (inMs >= 0) return inMs;
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

/**
 * A wait that ends so much too late means that the process was frozen, or the machine slept. Another process may have
 * taken over its work by then.
 */
const TOO_LATE_MS = 8_000;

/**
 * Waits before another try. Returns false where no try may follow: the process is about to end, or was frozen during
 * the wait.
 */
export async function waitedFor(ms: number, ended: AbortSignal | undefined): Promise<boolean> {
  const [began, beganAt] = [performance.now(), Date.now()];
  try {
    await pause(ms, undefined, ended ? { signal: ended } : {});
    const waited = Math.max(performance.now() - began, Date.now() - beganAt);
    return waited < ms + TOO_LATE_MS;
  } catch {
    return false;
  }
}
