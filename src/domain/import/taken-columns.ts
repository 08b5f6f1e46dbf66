import { addressRank, isProfileColumn } from './words/column-names.ts';

/** A column, and the field that it fills; `otherwise` are columns that help out where its cell is empty. */
type Step = { column: string; field: string; otherwise?: readonly string[]; profilesOnly?: true };

/** Has the best of the address columns fill `email`. The others stay columns, and help out where it is empty. */
export function takeAddress(steps: readonly Step[]): void {
  const found = steps.flatMap((step) => {
    const rank = step.field === step.column ? addressRank(step.column) : undefined;
    return rank === undefined ? [] : [{ step, rank }];
  });
  const [best, ...others] = found.sort((one, other) => one.rank - other.rank);
  if (!best) return;
  best.step.field = 'email';
  if (others.length > 0) best.step.otherwise = others.map(({ step }) => step.column);
}

/** Has the first column whose name fits a profile's address fill `linkedin_url`. */
export function takeProfile(steps: readonly Step[]): void {
  const found = steps.find((step) => step.field === step.column && isProfileColumn(step.column));
  if (found) Object.assign(found, { field: 'linkedin_url', profilesOnly: true });
}
