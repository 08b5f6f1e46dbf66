import { type BoundSegment, OldLines } from '../../log/old-lines.ts';
import { walkLog } from './walk.ts';

/** What the old lines of a log say. Ends after each segment's work where its caller has to let others run. */
export function* readOldLines(directory: string): Generator<undefined, BoundSegment[]> {
  const lines = new OldLines();
  let segment: number | undefined;
  for (const step of walkLog(directory)) {
    if (!('commit' in step)) continue;
    if (!lines.take(step)) break;
    if (segment !== undefined && segment !== step.segment) yield undefined;
    segment = step.segment;
  }
  return lines.segments;
}
