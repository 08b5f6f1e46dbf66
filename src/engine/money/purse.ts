import { costOf, type Price, type Usage } from '../../domain/base/usage.ts';
import { type Aside, type Purse, PurseEmpty } from '../../evaluators/evaluator.ts';

export type PurseTerms = {
  model: string;
  price: Price | undefined;
  /** `limits.max_cost_usd_per_run`. */
  cap: number | undefined;
  /** USD that the run cost before this process took it over. */
  spent: number;
  /** USD that one contact of this agent cost on average so far. */
  expected: number | undefined;
};

/** A call under way, and the USD set aside for it. */
type Hold = { estimate: number };

/** Tolerance in USD for the rounding errors of binary fractions: a cap of 0.03 allows three calls of 0.01. */
const ROUNDING = 1e-9;

function usageOf(tokens: { input_tokens: number; output_tokens: number }, price: Price | undefined): Usage {
  const { input_tokens, output_tokens } = tokens;
  return { input_tokens, output_tokens, cost_usd: price ? costOf(input_tokens, output_tokens, price) : null };
}

/** The purse of an agent without a cap: it lets every call through at once, and says what each cost. */
function openPurse(price: Price | undefined): Purse {
  const nothing = () => undefined;
  const aside: Aside = { spend: (tokens) => usageOf(tokens, price), lose: nothing, release: nothing };
  return { setAside: async () => aside };
}

/**
 * Holds one run to its cap. A call is made where the cap covers the money spent, the money set aside for calls under
 * way, and the expected cost of this call: that of the dearest call so far, or, before the first call, the average cost
 * of the agent's contacts; and never less than the prompt costs at the model's price. Until the true cost of one call
 * is known, calls go one at a time, so that a model that costs ten times the expected passes the cap by one call at
 * most.
 */
class CappedPurse implements Purse {
  private readonly cap: number;
  private readonly model: string;
  private readonly price: Price | undefined;
  private spent: number;
  private dearest: number;
  private isKnown = false;
  private isEmpty = false;
  private readonly underWay = new Set<Hold>();
  private waiting: (() => void)[] = [];

  constructor({ model, price, spent, expected }: PurseTerms, cap: number) {
    this.cap = cap;
    this.model = model;
    this.price = price;
    this.spent = spent;
    this.dearest = expected ?? 0;
  }

  async setAside(inputTokens: () => number, signal: AbortSignal): Promise<Aside> {
    const { price, underWay } = this;
    if (!price) throw this.empty(this.unpriced());
    for (;;) {
      signal.throwIfAborted();
      const estimate = Math.max(this.dearest, costOf(inputTokens(), 0, price));
      if (!this.isEmpty && this.fits(estimate) && (this.isKnown || underWay.size === 0)) return this.hold(estimate);
      if (this.isEmpty || underWay.size === 0) throw this.empty(this.usedUp(estimate));
      await this.waitForOthers(signal);
    }
  }

  private fits(estimate: number): boolean {
    const held = [...this.underWay].reduce((sum, hold) => sum + hold.estimate, 0);
    return this.spent + held + estimate <= this.cap + ROUNDING;
  }

  private hold(estimate: number): Aside {
    const hold: Hold = { estimate };
    this.underWay.add(hold);
    return {
      spend: (tokens) => {
        const usage = usageOf(tokens, this.price);
        const cost = usage.cost_usd ?? 0;
        this.dearest = this.isKnown ? Math.max(this.dearest, cost) : cost;
        this.isKnown = true;
        this.end(hold, cost);
        return usage;
      },
      // The call was sent, and nobody knows its outcome: it counts as paid.
      lose: () => this.end(hold, estimate),
      release: () => this.end(hold, 0),
    };
  }

  private end(hold: Hold, cost: number): void {
    if (!this.underWay.delete(hold)) return;
    this.spent += cost;
    this.wake();
  }

  private wake(): void {
    const all = this.waiting;
    this.waiting = [];
    for (const go of all) go();
  }

  private waitForOthers(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      this.waiting.push(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
    });
  }

  private empty(message: string): PurseEmpty {
    this.isEmpty = true;
    this.wake();
    return new PurseEmpty(message);
  }

  private unpriced(): string {
    return `limits.max_cost_usd_per_run is ${this.cap}, but prices.json has no price for the model "${this.model}", so nobody knows what a call costs. Add {"${this.model}": {"input": ..., "output": ...}}, in USD per million tokens.`;
  }

  private usedUp(estimate: number): string {
    return `limits.max_cost_usd_per_run is ${this.cap} USD, ${this.spent.toFixed(6)} are spent, and the next call is expected to cost ${estimate.toFixed(6)}, so it wasn't made.`;
  }
}

export function createPurse(terms: PurseTerms): Purse {
  return terms.cap === undefined ? openPurse(terms.price) : new CappedPurse(terms, terms.cap);
}
