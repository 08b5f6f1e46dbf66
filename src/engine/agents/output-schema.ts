import { invalid } from '../../domain/base/errors.ts';

/** Why replies can't be held against a schema; undefined where they can. */
async function schemaProblem(schema: Record<string, unknown>): Promise<string | undefined> {
  const { compileSchema } = await import('../../domain/schema/json-schema.ts');
  try {
    const [pattern] = compileSchema(schema).unchecked();
    return pattern && `the pattern "${pattern.slice(0, 200)}" can't run in linear time, or is too large`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Refuses an output_schema that replies can't be checked by: VALIDATION_ERROR. What checks it is loaded only here. */
export async function demandOutputSchema(schema: Record<string, unknown> | undefined): Promise<void> {
  const problem = schema && (await schemaProblem(schema));
  if (problem !== undefined)
    throw invalid(`output_schema isn't a JSON Schema that answers can be checked by: ${problem}. Correct it.`, {
      output_schema: problem,
    });
}
