import { canonical } from '../../src/domain/base/json.ts';
import { chunkOf } from '../../src/domain/decisions/decision.ts';
import { ALL } from '../../src/domain/state/queries.ts';
import type { View } from '../../src/domain/state/view.ts';
import type { Store } from '../../src/store/store.ts';
import { agentsIn, contactsIn, runsIn } from './store.ts';

const list = <K, V>(map: ReadonlyMap<K, V>) => [...map];

/** All that a view tells, also of each contact, agent and run in `named`, as one text for each part. */
export function whole(view: View, named: Iterable<string>): Map<string, string> {
  const told = new Map<string, string>();
  const tell = (name: string, value: unknown) => told.set(name, canonical(JSON.parse(JSON.stringify(value))));
  const [contacts, agents] = [contactsIn(view), agentsIn(view)];
  const addresses = [...new Set(contacts.flatMap(({ email }) => email ?? []))];
  const namesAt = (found: readonly { id: string }[]) => found.map(({ id }) => id);
  tell('contacts', [
    contacts,
    view.find.contacts(ALL).total,
    namesAt(view.find.contacts({ limit: 3, offset: 2 }).rows),
  ]);
  tell(
    'other ids',
    [0, 1, 2, 3, 4, 5].map((n) => view.aliasOf(`also-${n}`) ?? null),
  );
  tell('addresses', [
    addresses.map((email) => view.contactAt(email)?.id ?? null),
    addresses.map((email) => [namesAt(view.contactsAt(email)), namesAt(view.formerlyAt(email))]),
  ]);
  tell('agents', agents);
  tell('runs', runsIn(view));
  tell('desk', [view.open({}), list(view.waiting()).sort(), view.unfinished()]);
  tell('rest', [
    view.schedules(),
    view.find.identities(ALL),
    view.find.identities(ALL).rows.map(({ id }) => view.mailbox(id) ?? null),
    view.find.threads({}, ALL),
    view.decisionHead(),
    view.brake(),
    view.find.identities(ALL).rows.map(({ id }) => view.sent(id) ?? null),
  ]);
  tell('changes', view.changes());
  const { pending, segments, holder } = view.erasures();
  tell('erasures', [list(pending), list(segments), holder ?? null]);
  for (let seq = 1; seq <= view.decisionHead().seq; seq += 1_000)
    tell(`decisions ${seq}`, view.decisions(chunkOf(seq)));
  for (const id of named) {
    const { versions, usage } = view.agentFile(id);
    const { results, leases, ...run } = view.results(id);
    tell(id, [
      view.standing(id) ?? null,
      view.activity(id),
      view.ledger(id),
      view.contact(id) ?? null,
      view.aliasOf(id) ?? null,
      versions,
      agents.map((agent) => view.evaluatedAt(agent.id, id) ?? null),
      usage ?? null,
      run,
      list(results),
      list(leases),
      view.lastRun(id) ?? null,
      view.runsOf(id).map((each) => each.id),
    ]);
    tell(`name of ${id}`, view.agentsNamed(view.agent(id)?.name ?? ''));
  }
  return told;
}

/** The parts in which what two stores tell differs. */
export async function differences(one: Store, other: Store, named: readonly string[]): Promise<string[]> {
  const [mine, theirs] = [await one.read((view) => whole(view, named)), await other.read((view) => whole(view, named))];
  return [...mine.keys()].filter((key) => mine.get(key) !== theirs.get(key));
}

/** The runs whose counts of open actions don't equal the open actions themselves. */
export function miscounted(view: View): string[] {
  const counted = new Map<string, Record<string, number>>();
  for (const { run_id, status } of view.open({})) {
    const counts = counted.get(run_id) ?? {};
    counts[status] = (counts[status] ?? 0) + 1;
    counted.set(run_id, counts);
  }
  const told = new Map(
    [...view.waiting()].map(([id, { pending_approval, approved, executing, unknown }]) => {
      const counts = Object.entries({ pending_approval, approved, executing, unknown: unknown.length });
      return [id, Object.fromEntries(counts.filter(([, count]) => count > 0))];
    }),
  );
  const ids = new Set([...counted.keys(), ...told.keys()]);
  return [...ids].filter((id) => canonical(counted.get(id) ?? null) !== canonical(told.get(id) ?? null));
}
