import type { Event } from '../../../domain/state/events.ts';
import type { CommitLog } from '../log/log.ts';
import type { Membership } from './members.ts';
import { isErasing, partsOf } from './parts.ts';

/** What a family of documents (`ledger/`) has in the log from commit `from` on. */
type Tail = { from: number; bytes: number; parts: Map<string, [n: number, event: Event][]> };

/** The family of a document, `runs/` of `runs/<id>`; a single one is its own. */
export function familyOf(key: string): string {
  return key.slice(0, key.indexOf('/') + 1) || key;
}

/** Readings of the log for documents behind their last change: one reading serves all members of a family. */
export class Replays {
  private readonly log: CommitLog;
  private readonly tails = new Map<string, Tail>();

  constructor(log: CommitLog) {
    this.log = log;
  }

  /** Gives every event of commit `from` and later ones that touches a document, in order; tells how much was read. */
  replay(key: string, from: number, onEvent: (event: Event) => void): number {
    const tail = this.tail(familyOf(key), from);
    for (const [n, event] of tail.parts.get(key) ?? []) if (n >= from) this.log.takeIn(n, () => onEvent(event));
    return tail.bytes;
  }

  /** The same for the list of a family's members. */
  replayMembers(family: string, from: number, onMember: (member: Membership) => void): number {
    const tail = this.tail(family, from);
    for (const [key, parts] of tail.parts)
      for (const [n, event] of parts) if (n >= from) this.log.takeIn(n, () => onMember(membershipOf(key, n, event)));
    return tail.bytes;
  }

  /** What was read stands for the log as it was; it goes with the next commit, and when a call is over. */
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

export function membershipOf(key: string, n: number, event: Event): Membership {
  return {
    id: key.slice(key.indexOf('/') + 1),
    n,
    isGone: event.type === 'agent_deleted',
    isErasure: isErasing(event),
  };
}
