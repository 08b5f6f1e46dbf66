const MINUTE_MS = 60_000;
const MOST_FAILURES = 10;
/** Addresses that are remembered. Beyond them the oldest go, so that many addresses can't fill the memory. */
const MOST_ADDRESSES = 10_000;

/** Counts failed logins by address. A right token is always let in: only failing requests are told to wait. */
export type FailedLogins = {
  /** Counts a failure. Gives the seconds to wait where there were too many within a minute, else undefined. */
  count: (address: string) => number | undefined;
};

export function createFailedLogins(now: () => number = Date.now): FailedLogins {
  const failures = new Map<string, { since: number; times: number }>();
  return {
    count(address) {
      const at = now();
      const known = failures.get(address);
      const current = known && at - known.since < MINUTE_MS ? known : { since: at, times: 0 };
      current.times += 1;
      failures.delete(address);
      failures.set(address, current);
      const [oldest] = failures.keys();
      if (failures.size > MOST_ADDRESSES && oldest !== undefined) failures.delete(oldest);
      if (current.times <= MOST_FAILURES) return undefined;
      return Math.max(1, Math.ceil((current.since + MINUTE_MS - at) / 1_000));
    },
  };
}
