import type { Event } from '../../../domain/state/events.ts';
import type { CommitLog } from '../log/log.ts';
import { isOfPeople } from './documents.ts';
import type { Membership } from './members.ts';
import { isErasing, partsOf } from './parts.ts';
import { births } from './people/births.ts';
import { Places } from './people/places.ts';

/** An event of a commit, and its place among all that were read. */
type Heard = { at: number; n: number; event: Event };
/** What the log holds for a family (`ledger/`) from commit `from` on. `bytes` of log were read for it. */
type Tail = { from: number; bytes: number; parts: Map<string, Heard[]>; toAll: Heard[] };

/** A longer rest of the log isn't kept in memory: it is read for each document anew. */
const MOST_KEPT = 48 << 20;

/** The family of a document: `runs/` for `runs/<id>`. A single document is a family by itself. */
export function familyOf(key: string): string {
  return key.slice(0, key.indexOf('/') + 1) || key;
}

/** The families whose documents are found by where a contact is kept. Only for these anybody has to know that. */
const PLACED = new Set(['contacts/', 'activity/', 'ledger/']);
const NOWHERE = new Places({ births: births.empty, segmentOf: () => '' });

/** Reads the log for documents whose snapshots are out of date. One reading serves a whole family. */
export class Replays {
  private readonly log: CommitLog;
  private readonly places: Places;
  private readonly tails = new Map<string, Tail>();

  constructor(log: CommitLog, places: Places) {
    this.log = log;
    this.places = places;
  }

  /**
   * Gives the events that touch a document, from commit `from` on, in order. Returns how many bytes of log were read.
   */
  replay(key: string, from: number, onEvent: (event: Event, n: number) => void): number {
    const { bytes, parts, toAll } = this.tail(familyOf(key), from, key);
    const told = [...(parts.get(key) ?? []), ...toAll];
    if (toAll.length > 0) told.sort((one, other) => one.at - other.at);
    for (const { n, event } of told) if (n >= from) this.log.takeIn(n, () => onEvent(event, n));
    return bytes;
  }

  /**
   * Gives what each commit from `from` on means for a family's list of members. Returns how many bytes of log were
   * read.
   */
  replayMembers(family: string, from: number, onMember: (member: Membership, n: number) => void): number {
    const tail = this.tail(family, from);
    for (const [key, told] of tail.parts)
      for (const { n, event } of told)
        if (n >= from) this.log.takeIn(n, () => onMember(membershipOf(key, n, event), n));
    return tail.bytes;
  }

  /** Drops what was read, since the next commit makes it out of date. Also called at the end of each call. */
  release(): void {
    this.tails.clear();
  }

  private tail(family: string, from: number, key?: string): Tail {
    const known = this.tails.get(family);
    if (known && known.from <= from) return known;
    const isLong = key !== undefined && this.log.segments.bytesFrom(from) > MOST_KEPT;
    const tail = this.read(family, from, (other) => !isLong || other === key);
    if (!isLong) this.tails.set(family, tail);
    return tail;
  }

  private read(family: string, from: number, isWanted: (key: string) => boolean): Tail {
    const tail: Tail = { from, bytes: 0, parts: new Map(), toAll: [] };
    const isPeople = isOfPeople(family);
    // The births are themselves read from the log: whoever asks for them here would never come to an end.
    const places = PLACED.has(family) ? this.places : NOWHERE;
    let at = 0;
    const take = (n: number, event: Event) => {
      at += 1;
      // Where the contact was kept may not be known any more.
      if (isPeople && event.type === 'contact_deleted') {
        tail.toAll.push({ at, n, event });
        return;
      }
      for (const part of partsOf(event, n, places)) {
        if (familyOf(part.key) !== family || !isWanted(part.key)) continue;
        const told = { at, n, event: part.event };
        const mine = tail.parts.get(part.key);
        if (mine) mine.push(told);
        else tail.parts.set(part.key, [told]);
      }
    };
    this.log.replay(from, this.log.n, ({ n, events }, bytes) => {
      tail.bytes += bytes;
      for (const event of events) take(n, event);
    });
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
