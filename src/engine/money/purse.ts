import { costOf, type Price, type Usage } from '../../domain/base/usage.ts';
import { type Aside, type Purse, PurseEmpty } from '../../evaluators/evaluator.ts';

export type PurseTerms = {
  model: string;
  price: Price | undefined;
  /** `limits.max_cost_usd_per_run`. */
  cap: number | undefined;
  /** What the run cost before this process took it over. */
  spent: number;
  /** What one contact of this agent cost on average so far. */
  expected: number | undefined;
};

/** Room for the dust of binary fractions: a cap of 0.03 allows three calls of 0.01. */
const DUST = 1e-9;

function usageOf(tokens: { input_tokens: number; output_tokens: number }, price: Price | undefined): Usage {
  const { input_tokens, output_tokens } = tokens;
  return { input_tokens, output_tokens, cost_usd: price ? costOf(input_tokens, output_tokens, price) : null };
}

/** Without a cap nothing is asked and nothing kept back; usage gets its cost all the same. */
function openPurse(price: Price | undefined): Purse {
  const nothing = () => undefined;
  const aside: Aside = { spend: (tokens) => usageOf(tokens, price), lose: nothing, release: nothing };
  return { setAside: async () => aside };
}

/**
 * Holds one run to its cap. Before each call, what was spent, what calls under way have set aside and what this call
 * is expected to cost must fit. Expected is the dearest call of the run so far, before the first what contacts of this
 * agent cost on average, and never less than the prompt itself at the model's price. Until one call's true cost is
 * known, calls go one at a time, so that a model that bills tenfold can pass the cap by one call at most.
 */
export function createPurse(terms: PurseTerms): Purse {
  const { cap, price, model } = terms;
  if (cap === undefined) return openPurse(price);
  let spent = terms.spent;
  let dearest = terms.expected ?? 0;
  let isKnown = false;
  let isEmpty = false;
  const underWay = new Set<number[]>();
  let waiting: (() => void)[] = [];

  function wake(): void {
    const all = waiting;
    waiting = [];
    for (const go of all) go();
  }

  function end(held: number[], cost: number): void {
    if (!underWay.delete(held)) return;
    spent += cost;
    wake();
  }

  function asideOf(held: number[]): Aside {
    const [estimate = 0] = held;
    return {
      spend(tokens) {
        const usage = usageOf(tokens, price);
        dearest = isKnown ? Math.max(dearest, usage.cost_usd ?? 0) : (usage.cost_usd ?? 0);
        isKnown = true;
        end(held, usage.cost_usd ?? 0);
        return usage;
      },
      // Sent, but nobody knows what came of it: taken as paid.
      lose: () => end(held, estimate),
      release: () => end(held, 0),
    };
  }

  function empty(message: string): PurseEmpty {
    isEmpty = true;
    wake();
    return new PurseEmpty(message);
  }

  function waitForOthers(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      waiting.push(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
    });
  }

  return {
    async setAside(inputTokens, signal) {
      if (!price)
        throw empty(
          `limits.max_cost_usd_per_run is ${cap}, but prices.json has no price for the model "${model}", so nobody knows what a call costs. Add {"${model}": {"input": ..., "output": ...}}, in USD per million tokens.`,
        );
      for (;;) {
        signal.throwIfAborted();
        const estimate = Math.max(dearest, costOf(inputTokens(), 0, price));
        const held = [...underWay].reduce((sum, [amount = 0]) => sum + amount, 0);
        const fits = spent + held + estimate <= cap + DUST;
        if (!isEmpty && fits && (isKnown || underWay.size === 0)) {
          const mark = [estimate];
          underWay.add(mark);
          return asideOf(mark);
        }
        if (isEmpty || underWay.size === 0)
          throw empty(
            `limits.max_cost_usd_per_run is ${cap} USD, ${spent.toFixed(6)} are spent, and the next call is expected to cost ${estimate.toFixed(6)}: it wasn't made.`,
          );
        await waitForOthers(signal);
      }
    },
  };
}
