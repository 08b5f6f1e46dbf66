import { chunkOf, type DecisionEntry, type DecisionKind, nextChunk } from '../../domain/decisions/decision.ts';
import type { View } from '../../domain/state/view.ts';

/** A person's words on what waited. */
const WORDS: ReadonlySet<DecisionKind> = new Set([
  ...(['approved', 'rejected', 'retried', 'settled_sent', 'settled_not_sent', 'revised'] as const),
  ...(['granted', 'loosened', 'declined'] as const),
]);

/** When a person last decided on something that whoever looks may see, and who; undefined where none did of late. */
export function lastDecided(view: View): { at: string; by: string } | undefined {
  const { seq } = view.decisionHead();
  if (seq === 0) return undefined;
  const isWord = ({ decision, via }: DecisionEntry) => via !== 'policy' && WORDS.has(decision);
  // The newest document of the log may hold a few entries only, so the one before it is looked at, too.
  const last =
    view.decisions(chunkOf(seq)).findLast(isWord) ??
    view.decisions(chunkOf(Math.max(1, seq - nextChunk(0)))).findLast(isWord);
  return last && { at: last.at, by: last.by };
}
