import type { Event } from '../../domain/events.ts';
import { partsOf } from '../../domain/parts.ts';
import type { CommitLog } from './log.ts';

/** What a family of documents (`ledger/`) has in the log from commit `from` on. */
type Tail = { from: number; parts: Map<string, [n: number, event: Event][]> };

function familyOf(key: string): string {
  return key.slice(0, key.indexOf('/') + 1) || key;
}

/** Readings of the log for documents behind their last change: one reading serves all members of a family. */
export class Replays {
  private readonly log: CommitLog;
  private readonly tails = new Map<string, Tail>();

  constructor(log: CommitLog) {
    this.log = log;
  }

  /** Gives every event of commit `from` and later ones that touches a document, in order. */
  replay(key: string, from: number, onEvent: (event: Event) => void): void {
    const family = familyOf(key);
    let tail = this.tails.get(family);
    if (!tail || tail.from > from) {
      tail = this.read(family, from);
      this.tails.set(family, tail);
    }
    for (const [n, event] of tail.parts.get(key) ?? []) if (n >= from) onEvent(event);
  }

  /** What was read stands for the log as it was; it goes with the next commit, and when a call is over. */
  release(): void {
    this.tails.clear();
  }

  private read(family: string, from: number): Tail {
    const parts: Tail['parts'] = new Map();
    this.log.replay(from, ({ n, events }) => {
      for (const { key, event } of events.flatMap(partsOf)) {
        if (familyOf(key) !== family) continue;
        const mine = parts.get(key);
        if (mine) mine.push([n, event]);
        else parts.set(key, [[n, event]]);
      }
    });
    return { from, parts };
  }
}
