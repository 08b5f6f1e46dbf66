import { AppError } from '../../domain/base/errors.ts';

/**
 * The one place that decides on an import whose mapping, `{"do_not_email": null}`, switches off the guess for columns
 * that hold objections (`columns`). That is a change that waits for a person (contract, section 3): until it can wait,
 * it is refused. A mapping of null over columns without an objection passes.
 */
export function demandNoWaivedObjections(columns: ReadonlySet<string>): void {
  if (columns.size === 0) return;
  const names = [...columns].slice(0, 20);
  throw new AppError(
    'FORBIDDEN',
    `mapping.do_not_email is null, and these columns hold objections: ${names.map((name) => JSON.stringify(name)).join(', ')}. Nothing was imported. Import without that mapping; afterwards the person can lift what a column set by mistake with countersign consent --source COLUMN@IMPORT.`,
    { 'mapping.do_not_email': 'null, over columns that hold objections', columns: names },
  );
}
