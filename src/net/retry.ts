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

/** Waits before another try; false where the process is about to end, and there will be none. */
export async function waitedFor(ms: number, ended: AbortSignal | undefined): Promise<boolean> {
  try {
    await pause(ms, undefined, ended ? { signal: ended } : {});
    return true;
  } catch {
    return false;
  }
}
