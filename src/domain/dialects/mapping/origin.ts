import type { Agent, Origin } from '../../agents/agent.ts';
import type { AgentDialect, BodyReading } from './dialect.ts';
import { mergedFields } from './paths.ts';

/** The origin of an agent that is made of a body; undefined where `POST` said nothing that has to be kept. */
export function originOf({ name }: Pick<AgentDialect, 'name'>, { id, kept }: Pick<BodyReading, 'id' | 'kept'>): Origin {
  return { dialect: name, ...(id === undefined ? {} : { id }), fields: kept };
}

/**
 * The origin of an agent after a body of `PATCH`: what the body says beside our fields is kept with the rest. An agent that
 * came by another API keeps its origin as it is: then a warning tells what can't be kept.
 */
export function patchedOrigin(
  dialect: AgentDialect,
  { origin }: Pick<Agent, 'origin'>,
  { kept }: Pick<BodyReading, 'kept'>,
): { origin?: Origin; warnings: string[] } {
  const names = Object.keys(kept);
  if (names.length === 0) return { ...(origin ? { origin } : {}), warnings: [] };
  if (!origin) return { origin: originOf(dialect, { kept }), warnings: [] };
  if (origin.dialect === dialect.name)
    return { origin: { ...origin, fields: mergedFields(origin.fields, kept, dialect) }, warnings: [] };
  return {
    origin,
    warnings: [
      `The agent came by ${origin.dialect}, so what has a meaning in ${dialect.title} alone isn't kept: ${names.join(', ')}.`,
    ],
  };
}
