import type { Author } from '../../domain/base/author.ts';
import type { Usage } from '../../domain/base/usage.ts';
import type { House } from '../base/house.ts';

/** Counts what a model was paid for what came to nothing. Where that can't be written, the failure itself is still told. */
export async function countPaid(
  house: House,
  by: Author,
  { agent_id, usage }: { agent_id: string; usage: Usage | undefined },
): Promise<void> {
  if (!usage || (usage.cost_usd ?? 0) === 0) return;
  try {
    await house.commit(by, (_view, { at }) => ({
      events: [{ type: 'model_paid', agent_id, at, usage }],
      value: undefined,
    }));
  } catch (error) {
    house.deps.log.error({ error: String(error), agent_id }, 'what a failed chat cost could not be counted');
  }
}
