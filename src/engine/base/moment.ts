import { randomBytes } from 'node:crypto';
import type { Config } from '../../domain/base/config.ts';
import type { Deps, Log } from '../../domain/base/deps.ts';
import type { Price } from '../../domain/base/usage.ts';

/**
 * What a look or a decision may use beside the view. All of it is drawn once, so that a store can run the look again and gets
 * the same outcome.
 */
export type Moment = Pick<
  Deps,
  'env' | 'reviewCommand' | 'resumeCommand' | 'deskWay' | 'log' | 'config' | 'prices' | 'newId'
> & {
  now: Date;
  /** `now` in ISO 8601. */
  at: string;
  /** The id under which this process holds the runs and actions that it works on. */
  holder: string;
  /** 16 random bytes in base64url. */
  newSalt: () => string;
};

/** A moment; after `restart`, its ids and salts come again, from the first one, in the same order. */
export type DrawnMoment = { moment: Moment; restart: () => void };

/** Remembers what it draws. After a restart it gives the same values in the same order, then draws new ones. */
function replayed<A extends string[]>(draw: (...args: A) => string) {
  const drawn: string[] = [];
  let next = 0;
  return {
    take(...args: A): string {
      const known = drawn[next] ?? draw(...args);
      drawn[next++] = known;
      return known;
    },
    restart() {
      next = 0;
    },
  };
}

/**
 * Reads config.json or prices.json at the first call, and gives the same at every later one: a file that can't be read
 * can't be read in a later run of the look either.
 */
function readOnce<T>(read: () => T): () => T {
  let found: { value: T } | { error: unknown } | undefined;
  const outcome = () => {
    try {
      return { value: read() };
    } catch (error) {
      return { error };
    }
  };
  return () => {
    found ??= outcome();
    if ('error' in found) throw found.error;
    return found.value;
  };
}

/** A log that takes each line once, however often the work runs that tells it. */
function toldOnce(log: Log): Log {
  const told = new Set<string>();
  const teller = (level: keyof Log) => (fields: object, message: string) => {
    const line = JSON.stringify([level, message, fields]);
    if (told.has(line)) return;
    told.add(line);
    log[level](fields, message);
  };
  return { debug: teller('debug'), info: teller('info'), warn: teller('warn'), error: teller('error') };
}

/**
 * The time, as it is when it is first asked for: by then the store has read what the look is about, and with it a database's
 * clock, where that decides.
 */
function timeOnce(now: Deps['now']): Pick<Moment, 'now' | 'at'> {
  let drawn: { now: Date; at: string } | undefined;
  const time = () => {
    if (drawn) return drawn;
    const found = now();
    drawn = { now: found, at: found.toISOString() };
    return drawn;
  };
  return {
    get now() {
      return time().now;
    },
    get at() {
      return time().at;
    },
  };
}

/** The moment for one look or one decision. */
export function drawMoment(deps: Deps, holder: string): DrawnMoment {
  const ids = replayed(deps.newId);
  const salts = replayed(() => randomBytes(16).toString('base64url'));
  const { env, reviewCommand, resumeCommand, deskWay } = deps;
  const log = toldOnce(deps.log);
  const config: () => Config = readOnce(deps.config);
  const prices: () => ReadonlyMap<string, Price> = readOnce(deps.prices);
  const drawn = { holder, newId: ids.take, newSalt: salts.take };
  const others = { ...drawn, env, reviewCommand, resumeCommand, deskWay, log, config, prices };
  return {
    moment: Object.assign(timeOnce(deps.now), others),
    restart() {
      ids.restart();
      salts.restart();
    },
  };
}
