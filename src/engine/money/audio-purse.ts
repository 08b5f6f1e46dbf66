import type { Agent } from '../../domain/agents/agent.ts';
import type { VoiceAccess } from '../../domain/agents/voice.ts';
import type { AudioPrice, Price } from '../../domain/base/usage.ts';
import type { Purse } from '../../evaluators/evaluator.ts';
import type { House } from '../base/house.ts';
import { widerCaps } from './caps.ts';
import { createPurse } from './purse.ts';

const MILLION = 1_000_000;

/** A price by the second heard or the character spoken, in the form of a price by the token. */
function pricePerUnit(unit: 'second' | 'character', price: AudioPrice | undefined): Price | undefined {
  const usd = unit === 'second' ? price?.per_minute : price?.per_1k_characters;
  if (usd === undefined) return undefined;
  return { input: (usd / (unit === 'second' ? 60 : 1_000)) * MILLION, output: 0 };
}

/**
 * The purse of one step of a turn by voice, under the same caps as the model. Its "tokens" are seconds heard, or characters
 * spoken. `spent` is what the turn cost before, in USD.
 */
export async function audioPurse(
  house: House,
  agent: Agent,
  { model }: Pick<VoiceAccess, 'model'>,
  { unit, spent }: { unit: 'second' | 'character'; spent: number },
): Promise<Purse> {
  const price = pricePerUnit(unit, house.deps.audioPrices().get(model));
  const name = unit === 'second' ? 'per_minute' : 'per_1k_characters';
  return createPurse({
    model,
    price,
    priceShape: `{"${name}": ...}}, in USD`,
    cap: agent.limits.max_cost_usd_per_run,
    wider: await widerCaps(house, agent, () => 0),
    spent,
    expected: undefined,
  });
}
