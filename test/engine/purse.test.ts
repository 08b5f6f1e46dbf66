import { describe, expect, it } from 'vitest';
import { createPurse, type PurseTerms } from '../../src/engine/money/purse.ts';
import { PurseEmpty } from '../../src/evaluators/evaluator.ts';

const never = new AbortController().signal;
/** A call of 1,000 and 100 tokens costs 0.002 at this price. */
const price = { input: 1, output: 10 };
const tokens = { input_tokens: 1000, output_tokens: 100 };

function aPurse(terms: Partial<PurseTerms> = {}) {
  const purse = createPurse({ model: 'm', price, cap: 0.01, spent: 0, expected: undefined, ...terms });
  return { ask: (signal = never) => purse.setAside(() => 1000, signal) };
}

/** How many calls of this cost the purse lets through, one after the other. */
async function callsUntilEmpty(purse: ReturnType<typeof aPurse>, took = tokens) {
  for (let calls = 0; ; calls++) {
    try {
      (await purse.ask()).spend(took);
    } catch (error) {
      expect(error).toBeInstanceOf(PurseEmpty);
      return { calls, message: error instanceof Error ? error.message : '' };
    }
  }
}

describe('a purse', () => {
  it('gives the cost of a call by its tokens, and null without a price', async () => {
    const aside = await aPurse().ask();
    expect(aside.spend(tokens)).toEqual({ ...tokens, cost_usd: 0.002 });
    const unpriced = await aPurse({ price: undefined, cap: undefined }).ask();
    expect(unpriced.spend(tokens)).toEqual({ ...tokens, cost_usd: null });
  });

  it('lets calls through up to the cap, and not one call more', async () => {
    expect(await callsUntilEmpty(aPurse())).toMatchObject({
      calls: 5,
      message: expect.stringContaining('0.010000 are spent'),
    });
    expect(await callsUntilEmpty(aPurse({ cap: 0.0119 }))).toMatchObject({ calls: 5 });
    expect(await callsUntilEmpty(aPurse({ spent: 0.007 }))).toMatchObject({ calls: 1 });
  });

  it('lets no call through where the prompt alone, or an average contact, costs more than the cap', async () => {
    expect(await callsUntilEmpty(aPurse({ cap: 0.0009 }))).toMatchObject({ calls: 0 });
    expect(await callsUntilEmpty(aPurse({ expected: 0.02 }))).toMatchObject({ calls: 0 });
  });

  it('lets no call through without a price', async () => {
    expect(await callsUntilEmpty(aPurse({ price: undefined }))).toMatchObject({
      calls: 0,
      message: expect.stringMatching(
        /no price for the model "m".*prices\.json|prices\.json has no price for the model "m"/,
      ),
    });
  });

  it('passes the cap by one call at most where calls cost ten times the expected', async () => {
    expect(await callsUntilEmpty(aPurse(), { input_tokens: 10_000, output_tokens: 1000 })).toMatchObject({ calls: 1 });
    expect(await callsUntilEmpty(aPurse({ cap: 0.045 }), { input_tokens: 10_000, output_tokens: 1000 })).toMatchObject({
      calls: 2,
    });
  });

  it('lets the first call go alone until its cost is known, then counts the calls under way', async () => {
    const purse = aPurse();
    const first = await purse.ask();
    const granted: string[] = [];
    const later = Array.from({ length: 6 }, (_, index) =>
      purse.ask().then(
        (aside) => {
          granted.push(`call ${index}`);
          return aside;
        },
        () => granted.push(`none ${index}`),
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(granted).toEqual([]);
    first.spend(tokens);
    await new Promise((resolve) => setImmediate(resolve));
    expect(granted).toEqual(['call 0', 'call 1', 'call 2', 'call 3']);
    const second = await later[0];
    if (typeof second === 'object') second.release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(granted).toEqual(['call 0', 'call 1', 'call 2', 'call 3', 'call 4']);
  });

  it('counts a call of unknown outcome as paid, and a call that was never made as free', async () => {
    const purse = aPurse({ expected: 0.004 });
    (await purse.ask()).lose();
    (await purse.ask()).release();
    (await purse.ask()).lose();
    await expect(purse.ask()).rejects.toThrow('0.008000 are spent');
  });

  it('stops waiting when the run stops', async () => {
    const purse = aPurse();
    await purse.ask();
    const stop = new AbortController();
    const waiting = expect(purse.ask(stop.signal)).rejects.toThrow('aborted');
    stop.abort();
    await waiting;
  });
});
