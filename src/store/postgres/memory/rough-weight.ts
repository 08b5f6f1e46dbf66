/** Beside what a value says, about what its name, or its place in a list, adds. */
const EACH = 8;

/** About how many bytes of JSON a value has. It counts letters, and doesn't look at what they are. */
export function roughWeight(value: unknown): number {
  if (typeof value === 'string') return value.length + EACH;
  if (typeof value !== 'object' || value === null) return EACH;
  let sum = EACH;
  if (Array.isArray(value)) for (const item of value) sum += roughWeight(item);
  else for (const [name, item] of Object.entries(value)) sum += name.length + roughWeight(item);
  return sum;
}
