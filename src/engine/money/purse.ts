import { costOf, type Price, type Usage } from '../../domain/base/usage.ts';
import { type Aside, type Purse, PurseEmpty } from '../../evaluators/evaluator.ts';

export type PurseTerms = {
  model: string;
  price: Price | undefined;
  /** What an entry of prices.json for it holds; that of a model where it isn't given. */
  priceShape?: string;
  /** `limits.max_cost_usd_per_run`. */
  cap: number | undefined;
  /** Caps beyond one run: of a day or a month, of the agent or the home. */
  wider?: readonly WiderCap[];
  /** USD that the run cost before this process took it over. */
  spent: number;
  /** USD that one contact of this agent cost on average so far. */
  expected: number | undefined;
};

/** A cap beyond one run. `before` tells what counts for it already, but for what this purse has spent itself. */
export type WiderCap = { name: string; cap: number; before: () => Promise<number> };

/** A cap with what counts for it beside this purse, as last looked at. */
type Held = { name: string; cap: number; before: number };

/** A call under way, and the USD set aside for it. */
type Hold = { estimate: number };

const MODEL_PRICE = '{"input": ..., "output": ...}}, in USD per million tokens';

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
  private readonly caps: Held[];
  private readonly wider: readonly WiderCap[];
  private readonly model: string;
  private readonly price: Price | undefined;
  private readonly priceShape: string;
  private spent = 0;
  private dearest: number;
  private isKnown = false;
  private isEmpty = false;
  private readonly underWay = new Set<Hold>();
  private waiting: (() => void)[] = [];

  constructor({ model, price, priceShape = MODEL_PRICE, spent, expected, cap, wider = [] }: PurseTerms) {
    this.caps = cap === undefined ? [] : [{ name: 'limits.max_cost_usd_per_run', cap, before: spent }];
    this.wider = wider;
    this.model = model;
    this.price = price;
    this.priceShape = priceShape;
    this.dearest = expected ?? 0;
  }

  async setAside(inputTokens: () => number, signal: AbortSignal): Promise<Aside> {
    const { price, underWay } = this;
    if (!price) throw this.empty(this.unpriced());
    for (;;) {
      if (this.wider.length > 0) await this.lookAround();
      signal.throwIfAborted();
      const estimate = Math.max(this.dearest, costOf(inputTokens(), 0, price));
      if (!this.isEmpty && !this.tooTight(estimate) && (this.isKnown || underWay.size === 0))
        return this.hold(estimate);
      if (this.isEmpty || underWay.size === 0) throw this.empty(this.usedUp(estimate));
      await this.waitForOthers(signal);
    }
  }

  /** Sees what others have spent meanwhile. */
  private async lookAround(): Promise<void> {
    for (const { name, cap, before } of this.wider) {
      const known = this.caps.find((each) => each.name === name);
      const spent = await before();
      if (known) known.before = spent;
      else this.caps.push({ name, cap, before: spent });
    }
  }

  /** The cap that a call would pass; undefined where it fits all. */
  private tooTight(estimate: number): Held | undefined {
    const held = [...this.underWay].reduce((sum, hold) => sum + hold.estimate, 0);
    return this.caps.find(({ cap, before }) => before + this.spent + held + estimate > cap + ROUNDING);
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
    const [first] = [...this.caps, ...this.wider];
    return `${first?.name} is ${first?.cap}, but prices.json has no price for the model "${this.model}", so nobody knows what a call costs. Add {"${this.model}": ${this.priceShape}.`;
  }

  private usedUp(estimate: number): string {
    const tight = this.tooTight(estimate) ?? this.caps[0];
    const spent = (tight?.before ?? 0) + this.spent;
    return `${tight?.name} is ${tight?.cap} USD, ${spent.toFixed(6)} are spent, and the next call is expected to cost ${estimate.toFixed(6)}, so it wasn't made.`;
  }
}

export function createPurse(terms: PurseTerms): Purse {
  const isOpen = terms.cap === undefined && (terms.wider ?? []).length === 0;
  return isOpen ? openPurse(terms.price) : new CappedPurse(terms);
}
