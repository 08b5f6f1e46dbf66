import type { Event } from '../../../domain/state/events.ts';
import type { Kind } from '../../../domain/state/fold.ts';
import { activityKind, ledgerKind } from '../../../domain/state/fold-contacts.ts';
import { documentKinds } from '../../documents/kinds.ts';
import type { Stored } from '../../documents/stored.ts';
import { type Attention, DocumentFamily } from './family.ts';
import { addressRow, aliasRow, contactRow, evaluatedRow, keyRow, nonceRow } from './row-kinds.ts';

function entriesOf<V>(kind: Kind<Map<string, V>>): Stored<Map<string, V>, [string, V][], Event> {
  return { ...kind, dump: (state) => [...state], load: (data) => new Map(data) };
}

/** The documents that a process holds whole: they are few and small. A start reads them from the table `documents`. */
export function coreIn(attention: Attention) {
  const of = <S, D extends object>(name: string, kind: Stored<S, D, Event>) =>
    new DocumentFamily(name, kind, attention);
  return {
    agents: of('agents', documentKinds.agents),
    runs: of('runs', documentKinds.runs),
    desk: of('desk', documentKinds.desk),
    open: of('open', documentKinds.open),
    schedules: of('schedules', documentKinds.schedules),
    brake: of('brake', documentKinds.brake),
    pace: of('pace', documentKinds.pace),
    identities: of('identities', documentKinds.identities),
    mailboxes: of('mailboxes', documentKinds.mailboxes),
    senders: of('senders', documentKinds.senders),
    spent: of('spent', documentKinds.spent),
    threads: of('threads', documentKinds.threads),
    changes: of('changes', documentKinds.changes),
    passkeys: of('passkeys', documentKinds.passkeys),
    erasures: of('erasures', documentKinds.erasures),
    decisionHead: of('decisions', documentKinds.decisionHead),
  };
}

/** The documents of which a process holds those that it needs, made of rows of the database. */
export function rowsIn(attention: Attention) {
  const of = <S, D extends object>(name: string, kind: Stored<S, D, Event>) =>
    new DocumentFamily(name, kind, attention);
  return {
    contacts: of('contacts/', contactRow),
    aliases: of('aliases/', aliasRow),
    addresses: of('addresses/', addressRow),
    activity: of('activity/', entriesOf(activityKind)),
    ledger: of('ledger/', entriesOf(ledgerKind)),
    evaluated: of('evaluated/', evaluatedRow),
    results: of('runs/', documentKinds.run),
    thread: of('threads/', documentKinds.thread),
    agentFiles: of('agents/', documentKinds.agentFile),
    decisions: of('decisions/', documentKinds.decisions),
    keys: of('keys/', keyRow),
    nonces: of('nonces/', nonceRow),
  };
}

export type Core = ReturnType<typeof coreIn>;
export type RowFamilies = ReturnType<typeof rowsIn>;

/** A family of any kind, for code that handles all of them. */
export type AnyFamily = Pick<
  DocumentFamily<unknown, object>,
  | ('name' | 'weight' | 'has' | 'ids' | 'fold' | 'foldDraft' | 'sweepDraft')
  | ('put' | 'dump' | 'keepDraft' | 'dropDraft' | 'drop' | 'clear' | 'uses')
>;
