import { erasuresKind } from '../../../domain/state/fold-erasures.ts';
import type { LogStep, RewrittenStep } from './walk.ts';

/**
 * Checks that only erasures have rewritten segments. The commits of the log name each erasure, and the digests of the
 * segments that it rewrote.
 */
export class Rewrites {
  private readonly erasures = erasuresKind.empty();
  private readonly found: RewrittenStep[] = [];

  take(step: LogStep): void {
    if ('rewritten' in step) this.found.push(step.rewritten);
    if ('commit' in step) for (const event of step.commit.events) erasuresKind.fold(this.erasures, event, '');
  }

  get faults(): string[] {
    // An unfinished erasure has rewritten segments, but its digests aren't in the log yet.
    if (this.erasures.pending.size > 0) return [];
    return this.found
      .filter(({ first, sha256 }) => this.erasures.segments.get(first) !== sha256)
      .map(({ file }) => `${file} was altered: it was rewritten, but not to erase a contact`);
  }

  get warnings(): string[] {
    const { size } = this.erasures.pending;
    const whom = size === 1 ? 'a deleted contact' : `${size} deleted contacts`;
    return size === 0 ? [] : [`earlier commits still name ${whom}; a running Countersign goes on to erase that`];
  }
}
