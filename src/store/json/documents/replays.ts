import type { Event } from '../../../domain/state/events.ts';
import type { CommitLog } from '../log/log.ts';
import type { Membership } from './members.ts';
import { isErasing, partsOf } from './parts.ts';

/** The events that the log holds for a family (`ledger/`) from commit `from` on. `bytes` of log were read for them. */
type Tail = { from: number; bytes: number; parts: Map<string, [n: number, event: Event][]> };

/** The family of a document: `runs/` for `runs/<id>`. A single document is a family by itself. */
export function familyOf(key: string): string {
  return key.slice(0, key.indexOf('/') + 1) || key;
}

/** Reads the log for documents whose snapshots are out of date. One reading serves a whole family. */
export class Replays {
  private readonly log: CommitLog;
  private readonly tails = new Map<string, Tail>();

  constructor(log: CommitLog) {
    this.log = log;
  }

  /**
   * Gives the events that touch a document, from commit `from` on, in order. Returns how many bytes of log were read.
   */
  replay(key: string, from: number, onEvent: (event: Event) => void): number {
    const tail = this.tail(familyOf(key), from);
    for (const [n, event] of tail.parts.get(key) ?? []) if (n >= from) this.log.takeIn(n, () => onEvent(event));
    return tail.bytes;
  }

  /**
   * Gives what each commit from `from` on means for a family's list of members. Returns how many bytes of log were
   * read.
   */
  replayMembers(family: string, from: number, onMember: (member: Membership) => void): number {
    const tail = this.tail(family, from);
    for (const [key, parts] of tail.parts)
      for (const [n, event] of parts) if (n >= from) this.log.takeIn(n, () => onMember(membershipOf(key, n, event)));
    return tail.bytes;
  }

  /** Drops what was read, since the next commit makes it out of date. Also called at the end of each call. */
  release(): void {
    this.tails.clear();
  }

  private tail(family: string, from: number): Tail {
    const known = this.tails.get(family);
    if (known && known.from <= from) return known;
    const tail: Tail = { from, bytes: 0, parts: new Map() };
    this.log.replay(from, this.log.n, ({ n, events }, bytes) => {
      tail.bytes += bytes;
      for (const { key, event } of events.flatMap(partsOf)) {
        if (familyOf(key) !== family) continue;
        const mine = tail.parts.get(key);
        if (mine) mine.push([n, event]);
        else tail.parts.set(key, [[n, event]]);
      }
    });
    this.tails.set(family, tail);
    return tail;
  }
}

/** What an event of commit `n` means for the list of a family's members. */
export function membershipOf(key: string, n: number, event: Event): Membership {
  return {
    id: key.slice(key.indexOf('/') + 1),
    n,
    isGone: event.type === 'agent_deleted',
    isErasure: isErasing(event),
  };
}
