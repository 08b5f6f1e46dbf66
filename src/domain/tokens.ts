const RUN = /[A-Za-z]+|\d+|\s+|[^\sA-Za-z\d]/g;

/** About how many tokens (o200k_base) a value takes as JSON; errs on the high side. */
export function tokensOf(value: unknown): number {
  const text = JSON.stringify(value) ?? '';
  let tokens = 0;
  for (const [run] of text.matchAll(RUN)) {
    const first = run.charCodeAt(0);
    const perToken = first >= 48 && first <= 57 ? 3 : first > 127 ? 1 : 6;
    tokens += Math.ceil(run.length / perToken);
  }
  return Math.ceil(tokens * 0.75);
}
