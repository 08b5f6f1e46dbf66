import type { Deps } from '../../domain/base/deps.ts';
import { invalid } from '../../domain/base/errors.ts';

/** Refuses an output_schema that replies can't be checked by: VALIDATION_ERROR. */
export async function demandOutputSchema(
  { schemas }: Pick<Deps, 'schemas'>,
  schema: Record<string, unknown> | undefined,
): Promise<void> {
  const problem = schema && (await schemas.trial(schema));
  if (problem !== undefined)
    throw invalid(`output_schema isn't a JSON Schema that answers can be checked by: ${problem}. Correct it.`, {
      output_schema: problem,
    });
}
