import { addressKey } from '../../contacts/address.ts';
import { BLOCKING_FLAGS, type Contact, type ContactEvent, OWN_FIELDS } from '../../contacts/contact.ts';
import { fieldOf } from '../columns.ts';
import type { FlagSaid } from '../flag-steps.ts';
import { excerpt, type RawRow } from '../raw-row.ts';
import { readEmail, readId } from '../values.ts';
import type { Drafts } from './drafts.ts';
import type { ImportState } from './options.ts';
import type { Tally } from './tally.ts';

/** A stored contact with an anonymousId for its id, and the userId that turned out to be the same person's. */
type Melting = { from: Contact | undefined; user: string };

const NOT_MOVED: ReadonlySet<string> = new Set(['id', ...BLOCKING_FLAGS, ...OWN_FIELDS]);

function idOf({ cells }: RawRow): string | undefined {
  const id = readId(cells.id ?? '', 'id');
  return typeof id === 'string' ? id : undefined;
}

/** The address that a call's traits give, where they give one. */
function addressOfRow({ cells }: RawRow): string | undefined {
  const name = Object.keys(cells).find((key) => fieldOf(key) === 'email');
  const email = name === undefined ? undefined : readEmail(cells[name] ?? '', 'email');
  return typeof email === 'string' ? email : undefined;
}

/**
 * Segment's `anonymousId` and `userId` of one identify are one contact (contract, section 3): whatever else the import
 * says of the anonymous one is said of the user, and a stored contact of the anonymousId melts into the user's.
 */
export class Anonymous {
  readonly #state: Pick<ImportState, 'events' | 'hasHistory'>;
  readonly #tally: Tally;
  readonly #users = new Map<string, Melting>();
  /** By anonymousId, the userIds that came with it. */
  readonly #came = new Map<string, Set<string>>();
  readonly #apart = new Set<string>();

  constructor(state: Pick<ImportState, 'events' | 'hasHistory'>, tally: Tally) {
    this.#state = state;
    this.#tally = tally;
  }

  /** Reads which anonymousIds belong to which userIds, before any row is taken. */
  look(rows: readonly RawRow[], drafts: Drafts): void {
    const shared = new Set<string>();
    for (const row of rows) {
      const { anonymous } = row;
      const user = anonymous === undefined ? undefined : idOf(row);
      if (anonymous === undefined || user === undefined || user === anonymous) continue;
      const before = this.#users.get(anonymous)?.user;
      this.#came.set(anonymous, (this.#came.get(anonymous) ?? new Set()).add(user));
      if (before !== undefined && before !== user) shared.add(anonymous);
      const why = this.#whyApart(anonymous, user, row, drafts);
      if (why !== undefined) this.#takeApart(anonymous, why);
      else if (before === undefined) {
        const from = drafts.byId(anonymous);
        this.#users.set(anonymous, { from: from?.id === anonymous ? from : undefined, user });
      }
    }
    for (const anonymous of shared) {
      this.#users.delete(anonymous);
      this.#takeApart(anonymous, 'came with several userIds');
    }
  }

  #takeApart(anonymous: string, why: string): void {
    this.#apart.add(anonymous);
    this.#tally.takeApart(anonymous, why);
  }

  /** What an anonymous contact objects to that stays apart holds for the users that came with its id. */
  takeOver(drafts: Drafts, object: (contactId: string, said: FlagSaid[]) => void): void {
    for (const anonymous of this.#apart) {
      const from = drafts.byId(anonymous);
      if (from?.id !== anonymous) continue;
      for (const user of this.#came.get(anonymous) ?? []) {
        const into = drafts.byId(user);
        if (into && into.id !== from.id) object(into.id, takenOver(from, into));
      }
    }
  }

  #whyApart(anonymous: string, user: string, row: RawRow, drafts: Drafts): string | undefined {
    const from = drafts.byId(anonymous);
    const into = drafts.byId(user);
    if (!from || from.id === into?.id) return undefined;
    if (from.id !== anonymous) return `is known as the contact ${from.id}`;
    const address = into?.email ?? addressOfRow(row);
    if (from.email !== undefined && address !== undefined && addressKey(from.email) !== addressKey(address))
      return 'has another address';
    return this.#state.hasHistory(from) ? 'has results, actions or notes of its own' : undefined;
  }

  /** The id that an id stands for: the userId of an anonymousId. */
  resolve(id: string | undefined): string | undefined {
    return id === undefined ? undefined : (this.#users.get(id)?.user ?? id);
  }

  /** Moves what stored anonymous contacts hold to the users' contacts; gives the ids of those that go. */
  melt(drafts: Drafts, at: string, record: (event: ContactEvent) => void): string[] {
    const melted: string[] = [];
    for (const [anonymous, { from, user }] of this.#users) {
      const into = drafts.byId(user);
      if (!into || into.id === anonymous) continue;
      drafts.alias(anonymous, into.id);
      if (!from) continue;
      melted.push(from.id);
      drafts.drop(from, into.email);
      drafts.update(into, meltedInto(from, into, at));
      for (const event of this.#state.events(from.id)) record({ ...event, contact_id: into.id });
    }
    return melted;
  }
}

function takenOver(from: Contact, into: Contact): FlagSaid[] {
  const isOther = from.email !== undefined && addressKey(from.email) !== addressKey(into.email ?? from.email);
  // That an address can't be reached says nothing of another one.
  const flags = BLOCKING_FLAGS.filter((flag) => from[flag] && !into[flag] && !(flag === 'bounced' && isOther));
  const column = `anonymousId ${excerpt(from.id)}`;
  return flags.map((flag) => ({ flag, what: 'set', column, value: 'objected', isGuess: true }));
}

function meltedInto(from: Contact, into: Contact, at: string): Contact {
  const merged: Contact = { ...into, updated_at: at };
  for (const [field, value] of Object.entries(from))
    if (!NOT_MOVED.has(field) && merged[field] === undefined) merged[field] = value;
  for (const flag of BLOCKING_FLAGS) if (from[flag]) merged[flag] = true;
  const sources = [...(into.consent_sources ?? []), ...(from.consent_sources ?? [])];
  if (sources.length > 0) merged.consent_sources = sources;
  if (from.bounced_at !== undefined) merged.bounced_at ??= from.bounced_at;
  if (from.created_at < merged.created_at) merged.created_at = from.created_at;
  return merged;
}
