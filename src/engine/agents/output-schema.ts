import { invalid } from '../../domain/base/errors.ts';

/** Refuses an unusable output_schema: VALIDATION_ERROR. The library that checks it is loaded only where one is set. */
export async function demandOutputSchema(schema: Record<string, unknown> | undefined): Promise<void> {
  if (!schema) return;
  const { compileSchema } = await import('../../domain/base/json-schema.ts');
  try {
    compileSchema(schema);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw invalid(`output_schema isn't a JSON Schema that answers can be checked by: ${problem}. Correct it.`, {
      output_schema: problem,
    });
  }
}
