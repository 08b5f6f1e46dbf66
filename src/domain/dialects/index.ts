import { converraApi } from './converra.ts';
import { makeApi } from './make.ts';
import type { AgentDialect, DialectName } from './mapping/dialect.ts';
import { pathboundApi } from './pathbound.ts';
import { talkifaiApi } from './talkifai.ts';

/** Every other product whose bodies of agents are read and written. Our own format stands in `countersign.ts`. */
export const DIALECTS: readonly AgentDialect[] = [pathboundApi, makeApi, converraApi, talkifaiApi];

export function dialectFor(name: DialectName): AgentDialect {
  const found = DIALECTS.find((dialect) => dialect.name === name);
  if (!found) throw new Error(`the dialect ${name} is not in the list`);
  return found;
}
