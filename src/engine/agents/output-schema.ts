import { invalid } from '../../domain/base/errors.ts';

/** Refuses an output_schema that answers can't be checked by. The checker is loaded where there is one to check. */
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
