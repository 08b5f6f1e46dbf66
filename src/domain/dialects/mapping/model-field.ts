import { type Agent, effectiveProvider } from '../../agents/agent.ts';
import type { BodyFields, BodyReading, Written } from './dialect.ts';
import { modelNameOf, namedModel, unknownModel } from './model-name.ts';
import { dropAtPath, putAtPath } from './paths.ts';

/**
 * Reads the model of a dialect that has no field for the provider: the name chooses it. An update that repeats the name
 * changes nothing, because the person may have said where that model is reached.
 */
export function readModel(field: string, body: BodyFields, reading: BodyReading, before: Agent | undefined): void {
  const name = body[field];
  if (typeof name !== 'string') return;
  if (before && name === modelNameOf(before)) {
    dropAtPath(reading.fields, 'llm_config.model');
    return;
  }
  const { provider, model, isKnown } = namedModel(name);
  putAtPath(reading.fields, 'llm_config.provider', provider);
  if (model === undefined) {
    dropAtPath(reading.fields, 'llm_config.model');
    if (before?.llm_config.model !== undefined) reading.clear.push('llm_config.model');
  }
  if (!isKnown) reading.warnings.push(unknownModel(field, name));
}

/** Writes the model's name; where no model evaluates, who does. Names a provider that the name alone wouldn't choose. */
export function writeModel(field: string, agent: Agent, { payload, not_carried }: Written): void {
  const name = modelNameOf(agent);
  payload[field] = name;
  const provider = effectiveProvider(agent);
  if (agent.llm_config.model === undefined)
    not_carried.push({
      path: 'llm_config.provider',
      why: `"${name}" evaluates here, which is no model: set ${field} to a model before you use this elsewhere`,
    });
  else if (namedModel(name).provider !== provider)
    not_carried.push({
      path: 'llm_config.provider',
      why: `the name alone doesn't say that the model is reached by ${provider}`,
    });
}
