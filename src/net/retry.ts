import { setTimeout as pause } from 'node:timers/promises';

/**
 * Milliseconds that a server asks to wait: `retry-after-ms`, or Retry-After in seconds or as an HTTP date; undefined
 * where it doesn't.
 */
export function askedWait(headers: Headers, now: Date): number | undefined {
  const inMs = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (inMs >= 0) return inMs;
  const text = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

/** Who wakes so much too late was frozen, or the machine slept: what it held may be in other hands by now. */
const TOO_LATE_MS = 8_000;

/** Waits before another try; false where there will be none: the process is about to end, or was frozen meanwhile. */
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
