import fs from 'node:fs';
import path from 'node:path';
import { type Erasure, withoutPerson } from '../../src/domain/state/erasure.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { contactOf } from '../../src/domain/state/view.ts';
import { rowsBegin } from '../../src/store/json/index/segment-index.ts';
import { walkLog } from '../../src/store/json/log/walk.ts';
import type { AsItWas } from '../../src/store/store.ts';
import { PlainFold } from './plain-fold.ts';

/** The events of each commit in a home's log, from `after` on, as the log tells them now. */
export function commitsIn(home: string, after = 0): Event[][] {
  const found: Event[][] = [];
  for (const step of walkLog(path.join(home, 'log')))
    if ('commit' in step && step.commit.n > after) found.push(step.commit.events);
  return found;
}

/** Contacts as a fresh fold of the first commits tells them. */
export function foldedAt(commits: readonly Event[][], ids: readonly string[]): (AsItWas | undefined)[] {
  const plain = new PlainFold();
  for (const events of commits) plain.take(events);
  return ids.map((id) => {
    const contact = contactOf(plain.view, id);
    return contact && { contact, activity: plain.view.activity(contact.id), ledger: plain.view.ledger(contact.id) };
  });
}

function erasureOf(event: Event): Erasure[] {
  if (event.type !== 'contact_deleted') return [];
  const { contact_id, stand_in = `gone ${contact_id}` } = event;
  return [{ contact_id, stand_in, thread_ids: [] }];
}

/** The first `n` commits without everybody whom a later one deletes. */
export function withoutDeleted(commits: readonly Event[][], n: number): Event[][] {
  const erasures = commits.slice(n).flat().flatMap(erasureOf);
  return commits
    .slice(0, n)
    .map((events) =>
      erasures.reduce<Event[]>((left, erasure) => left.flatMap((event) => withoutPerson(event, erasure) ?? []), events),
    );
}

/** The files of the indexes in a home. */
export function indexesIn(home: string): string[] {
  const folder = path.join(home, 'state', 'index');
  if (!fs.existsSync(folder)) return [];
  return fs.readdirSync(folder).map((name) => path.join(folder, name));
}

/** The files of the indexes that tell where something about a contact stands, or that name it. */
export function indexesOf(home: string, contactId: string): string[] {
  return indexesIn(home).filter((file) => {
    const text = fs.readFileSync(file, 'utf8');
    return text.includes(contactId) || new RegExp(`["\\s]${rowsBegin(contactId)}`).test(text);
  });
}
