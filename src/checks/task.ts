/**
 * What the thread of checks is asked, as JSON texts: whether `schema` is one (`read`), whether it can be used whole
 * (`try`), or whether `value` fits it.
 */
export type Task = { schema: string } & ({ job: 'read' | 'try' } | { job: 'check'; value: string });

/** What came of a task. `flaw` says what is wrong with the schema itself, `misfit` why the value doesn't fit it. */
export type TaskResult = { flaw?: string; misfit?: string };
