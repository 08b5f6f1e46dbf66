/** What a model took. `cost_usd` is null where prices.json has no price for the model: an unknown cost isn't 0. */
export type Usage = { input_tokens: number; output_tokens: number; cost_usd: number | null };

/** A model's price in USD per million tokens. */
export type Price = { input: number; output: number };

/** What services that hear and speak cost in USD: a minute heard or spoken by a model, 1,000 characters given it to speak. */
export type AudioPrice = { per_minute?: number; per_1k_characters?: number };

/** What one turn by voice took: what its models took, seconds of audio, and characters given to be spoken. */
export type AudioUsage = Usage & { audio_seconds: number; characters: number };

/** An agent's usage over all its runs, dry runs included; `contacts` is how many evaluations that were. */
export type UsageTotal = Usage & { contacts: number };

const MILLION = 1_000_000;

/** An amount rounded to 9 decimals: binary fractions would make 0.1 + 0.2 into 0.30000000000000004. */
function rounded(usd: number): number {
  return Number(usd.toFixed(9));
}

/** The cost in USD of `input` tokens read and `output` tokens written. */
export function costOf(input: number, output: number, price: Price): number {
  return rounded((input * price.input + output * price.output) / MILLION);
}

/** The sum of two usages. A cost that isn't known adds nothing; where neither is known, the sum isn't either. */
export function addUsage(a: Usage | undefined, b: Usage): Usage {
  if (!a) return b;
  const cost = a.cost_usd === null && b.cost_usd === null ? null : rounded((a.cost_usd ?? 0) + (b.cost_usd ?? 0));
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cost_usd: cost,
  };
}

/** What evaluating one contact took on average. */
export function averageOf(total: UsageTotal): Usage {
  const { input_tokens, output_tokens, cost_usd, contacts } = total;
  return {
    input_tokens: Math.round(input_tokens / contacts),
    output_tokens: Math.round(output_tokens / contacts),
    cost_usd: cost_usd === null ? null : rounded(cost_usd / contacts),
  };
}

/** The likely cost in USD of evaluating `contacts` contacts: the average tokens of earlier ones, at today's price. */
export function expectedCost(past: UsageTotal, contacts: number, price: Price): number {
  return rounded((costOf(past.input_tokens, past.output_tokens, price) / past.contacts) * contacts);
}
