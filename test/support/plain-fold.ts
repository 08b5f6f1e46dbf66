import { addressKey } from '../../src/domain/contacts/address.ts';
import type { Activity } from '../../src/domain/contacts/contact.ts';
import { noncesKind, passkeysKind } from '../../src/domain/signed/fold-passkeys.ts';
import type { Event } from '../../src/domain/state/events.ts';
import {
  identitiesKind,
  type Kind,
  keysKind,
  mailboxesKind,
  paceKind,
  runKind,
  runsKind,
  sendersKind,
} from '../../src/domain/state/fold.ts';
import { agentFileKind, agentsKind, evaluatedKind, spentKind } from '../../src/domain/state/fold-agents.ts';
import { brakeKind } from '../../src/domain/state/fold-brake.ts';
import { changesKind } from '../../src/domain/state/fold-changes.ts';
import { activityKind, contactsKind, isOlder, ledgerKind } from '../../src/domain/state/fold-contacts.ts';
import { decisionHeadKind, decisionsKind } from '../../src/domain/state/fold-decisions.ts';
import { deskKind } from '../../src/domain/state/fold-desk.ts';
import { erasuresKind } from '../../src/domain/state/fold-erasures.ts';
import { openKind } from '../../src/domain/state/fold-open.ts';
import { schedulesKind } from '../../src/domain/state/fold-schedules.ts';
import { threadKind, threadsKind } from '../../src/domain/state/fold-threads.ts';
import type { ContactBook, LedgerEntry } from '../../src/domain/state/state.ts';
import type { View } from '../../src/domain/state/view.ts';
import { viewOf } from '../../src/store/documents/view.ts';
import { partsOf } from '../../src/store/json/documents/parts.ts';
import { births } from '../../src/store/json/documents/people/births.ts';
import type { People } from '../../src/store/json/documents/people/people.ts';
import { contactReadsOf } from '../../src/store/json/documents/people/people-pages.ts';
import { Places } from '../../src/store/json/documents/people/places.ts';

/** A kind of document that is kept as one document. */
function single<S>(kind: Kind<S>) {
  const state = kind.empty();
  return { get: (_id?: string) => state, take: (event: Event) => kind.fold(state, event, '') };
}

/** A kind of document of which there is one for each id. */
function family<S>(name: string, kind: Kind<S>) {
  const members = new Map<string, S>();
  const take = (event: Event) => {
    for (const part of partsOf(event, 1, NOWHERE)) {
      if (!part.key.startsWith(name)) continue;
      const id = part.key.slice(name.length);
      const state = members.get(id) ?? kind.empty();
      kind.fold(state, part.event, id);
      members.set(id, state);
    }
  };
  return { get: (id = '') => members.get(id) ?? kind.empty(), take };
}

/** Where contacts are kept is of no account here. */
const NOWHERE = new Places({ births: births.empty, segmentOf: () => '' });

type Family<S> = { get: () => S };
type Kept = {
  contacts: Family<ContactBook>;
  activity: Family<Map<string, Activity>>;
  ledger: Family<Map<string, LedgerEntry[]>>;
};

/** Contacts as a fold of all events has them, in one document each of its kind. */
function peopleOf({ contacts, activity, ledger }: Kept): People {
  const byId = () => contacts.get().byId;
  return {
    contact: (id) => byId().get(id),
    has: (id) => byId().has(id),
    aliasOf: (id) => contacts.get().aliases.get(id),
    placeOf: () => undefined,
    placeAt: () => undefined,
    everAt(email) {
      const { byEmail, sharing, former } = contacts.get();
      const key = addressKey(email);
      const ids = new Set([byEmail.get(key) ?? '', ...(sharing.get(key) ?? []), ...(former.get(key) ?? [])]);
      return [...ids].flatMap((id) => byId().get(id) ?? []).sort((one, other) => (isOlder(one, other) ? -1 : 1));
    },
    activity: (id) => activity.get().get(id) ?? { events: [], notes: [] },
    ledger: (id) => ledger.get().get(id) ?? [],
    total: () => byId().size,
    stretches: () => [{ name: 'all', count: byId().size }],
    stretch: () => [...byId().values()],
    sifted: () => [...byId().values()],
    changedAt: () => undefined,
    warm: () => undefined,
    want: () => undefined,
  };
}

/** The state as a plain fold of all events, in memory. A store has to tell the same, however it keeps it. */
export class PlainFold {
  readonly view: View;
  #commits = 0;
  readonly #takers: readonly { take: (event: Event) => void }[];

  constructor() {
    const [agents, runs, contacts] = [single(agentsKind), single(runsKind), single(contactsKind)];
    const [activity, ledger, desk, open] = [
      single(activityKind),
      single(ledgerKind),
      single(deskKind),
      single(openKind),
    ];
    const [schedules, identities, keys] = [single(schedulesKind), single(identitiesKind), single(keysKind)];
    const [threads, head, erasures] = [single(threadsKind), single(decisionHeadKind), single(erasuresKind)];
    const [files, evaluated] = [family('agents/', agentFileKind), family('evaluated/', evaluatedKind)];
    const [results, thread] = [family('runs/', runKind), family('threads/', threadKind)];
    const [brake, changes, pace] = [single(brakeKind), single(changesKind), single(paceKind)];
    const [mailboxes, passkeys, nonces] = [single(mailboxesKind), single(passkeysKind), single(noncesKind)];
    const [senders, spent] = [single(sendersKind), single(spentKind)];
    const decisions = family('decisions/', decisionsKind);
    this.#takers = [
      ...[agents, runs, contacts, activity, ledger, desk, open, schedules, identities, keys, threads, head, erasures],
      ...[
        files,
        evaluated,
        results,
        thread,
        decisions,
        brake,
        changes,
        pace,
        mailboxes,
        passkeys,
        nonces,
        senders,
        spent,
      ],
    ];
    // The queries are the store's; the documents that they look into are this fold's.
    this.view = viewOf(
      {
        ...{ agents, agentFiles: files, evaluated, runs, results, desk, open, schedules, identities, keys },
        ...{ people: contactReadsOf(peopleOf({ contacts, activity, ledger })), threads, thread, erasures, changes },
        ...{ decisionHead: head, decisions, brake, pace, mailboxes, passkeys, nonces, senders, spent },
      },
      { commits: () => this.#commits, isAlive: () => false, hasLeft: () => true },
    );
  }

  take(events: readonly Event[]): void {
    // Copies of the events, as a log gives them: no object is shared with the writer.
    const read: Event[] = JSON.parse(JSON.stringify(events));
    for (const event of read) for (const taker of this.#takers) taker.take(event);
    this.#commits += 1;
  }
}
