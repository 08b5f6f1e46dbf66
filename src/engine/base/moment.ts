import { randomBytes } from 'node:crypto';
import type { Config } from '../../domain/base/config.ts';
import type { Deps, Log } from '../../domain/base/deps.ts';
import type { Price } from '../../domain/base/usage.ts';

/**
 * What a look or a decision may use beside the view. All of it is drawn before it begins, so that a store may run it as
 * often as it needs to, and it comes out the same.
 */
export type Moment = Pick<Deps, 'env' | 'log' | 'config' | 'prices' | 'newId'> & {
  now: Date;
  /** The same in ISO 8601. */
  at: string;
  /** This process, as holder of what it works on. */
  holder: string;
  /** 16 random bytes in base64url. */
  newSalt: () => string;
};

/** A moment, and how to have its ids and salts come in the same order once more. */
export type DrawnMoment = { moment: Moment; restart: () => void };

/** Gives what was drawn before in the same order after a restart, and draws more where that is not enough. */
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

/** Reads a file of the person's once, when first asked for; one that can't be read can't be read in a later run either. */
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

/** The moment at which a look or a decision begins. */
export function drawMoment(deps: Deps, holder: string): DrawnMoment {
  const now = deps.now();
  const ids = replayed(deps.newId);
  const salts = replayed(() => randomBytes(16).toString('base64url'));
  const { env } = deps;
  const log = toldOnce(deps.log);
  const config: () => Config = readOnce(deps.config);
  const prices: () => ReadonlyMap<string, Price> = readOnce(deps.prices);
  const moment = { now, at: now.toISOString(), holder, newId: ids.take, newSalt: salts.take, env, log, config, prices };
  return {
    moment,
    restart() {
      ids.restart();
      salts.restart();
    },
  };
}
