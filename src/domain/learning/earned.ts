import type { Agent } from '../agents/agent.ts';
import { canonical } from '../base/json.ts';
import type { DecisionFact } from './facts.ts';
import { isEarned, neededMore } from './trust.ts';

/** An edit that changes no more than this share of a text is no miss: a comma doesn't set trust back to nothing. */
const SLIGHT = 0.02;

/** What an agent proposes by: what a change of begins trust anew. */
function proposerOf({ playbook, llm_config }: Agent): string {
  const { provider, model, temperature, max_tokens, base_url } = llm_config;
  return canonical({ playbook, provider, model, temperature, max_tokens, base_url });
}

/** The first version that proposes as the newest one does, with no other in between. */
export function sameMindSince(versions: readonly Agent[]): number {
  const newest = versions.at(-1);
  if (!newest) return 1;
  const proposer = proposerOf(newest);
  const other = versions.findLast((version) => proposerOf(version) !== proposer);
  return versions.find(({ version }) => version > (other?.version ?? 0))?.version ?? newest.version;
}

/** How far a type of action is on its way to happen unasked. */
export type TrustTold = { n: number; misses: number; needed: number; isEarned: boolean };

function isMiss({ decision, distance = 1, edited, is_beyond_texts }: DecisionFact): boolean {
  // An edit of an erased contact can't be measured any more: it counts as one that matters. So does a changed amount.
  return decision === 'rejected' || (edited && (distance > SLIGHT || is_beyond_texts === true));
}

/**
 * What decisions on one type of action say, since the version that first proposed as the newest does. A rejection counts by
 * whatever proof it came; an approval only by one that no model can give, unless the person said so (`trustsClient`).
 */
export function trustOf(
  decisions: readonly DecisionFact[],
  { type, since, trustsClient }: { type: string; since: number; trustsClient: boolean },
): TrustTold {
  const counted = decisions.filter(
    (each) =>
      each.type === type &&
      each.version >= since &&
      (each.decision === 'rejected' || trustsClient || each.via !== 'client'),
  );
  const misses = counted.filter(isMiss).length;
  const n = counted.length;
  return { n, misses, needed: neededMore(n, misses), isEarned: isEarned(n, misses) };
}
