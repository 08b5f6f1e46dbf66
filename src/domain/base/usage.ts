/** What thinking took. `cost_usd` is null where prices.json has no price for the model: unknown isn't free. */
export type Usage = { input_tokens: number; output_tokens: number; cost_usd: number | null };

/** USD per million tokens. */
export type Price = { input: number; output: number };

/** An agent's usage over all its runs, dry ones included, and over how many contacts. */
export type UsageTotal = Usage & { contacts: number };

const MILLION = 1_000_000;

/** Sums of decimal prices, without the dust of binary ones. */
function tidy(usd: number): number {
  return Number(usd.toFixed(9));
}

export function costOf(input: number, output: number, price: Price): number {
  return tidy((input * price.input + output * price.output) / MILLION);
}

/** A sum is known as far as its parts are. */
export function addUsage(a: Usage | undefined, b: Usage): Usage {
  if (!a) return b;
  const cost = a.cost_usd === null && b.cost_usd === null ? null : tidy((a.cost_usd ?? 0) + (b.cost_usd ?? 0));
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cost_usd: cost,
  };
}

/** What one contact took on average. */
export function averageOf(total: UsageTotal): Usage {
  const { input_tokens, output_tokens, cost_usd, contacts } = total;
  return {
    input_tokens: Math.round(input_tokens / contacts),
    output_tokens: Math.round(output_tokens / contacts),
    cost_usd: cost_usd === null ? null : tidy(cost_usd / contacts),
  };
}

/** What so many contacts are likely to cost at today's price, going by what earlier ones took. */
export function expectedCost(past: UsageTotal, contacts: number, price: Price): number {
  return tidy((costOf(past.input_tokens, past.output_tokens, price) / past.contacts) * contacts);
}
