import { canonical } from '../../src/domain/base/json.ts';
import { chunkOf } from '../../src/domain/decisions/decision.ts';
import type { View } from '../../src/domain/state/state.ts';
import type { Store } from '../../src/store/store.ts';

const list = <K, V>(map: ReadonlyMap<K, V>) => [...map];

/** All that a view can tell, of every contact, agent and run that was ever named, in one text for each part. */
export function whole(view: View, named: Iterable<string>): Map<string, string> {
  const told = new Map<string, string>();
  const tell = (name: string, value: unknown) => told.set(name, canonical(JSON.parse(JSON.stringify(value))));
  const { byId, byEmail, sharing, aliases } = view.contacts();
  const shared = list(sharing).map(([address, ids]) => [address, [...ids].sort()]);
  tell('contacts', [list(byId), list(byEmail).sort(), shared.sort(), list(aliases)]);
  tell('agents', list(view.agents()));
  tell('runs', list(view.runs()));
  const { open, waiting, unfinished, last_runs } = view.desk();
  tell('desk', [list(open), list(waiting).sort(), list(unfinished), list(last_runs)]);
  tell('rest', [list(view.schedules()), list(view.identities()), list(view.keys()), view.decisionHead()]);
  const { pending, segments, holder } = view.erasures();
  tell('erasures', [list(pending), list(segments), holder ?? null]);
  for (let seq = 1; seq <= view.decisionHead().seq; seq += 1_000)
    tell(`decisions ${seq}`, view.decisions(chunkOf(seq)));
  for (const id of named) {
    const { versions, evaluated, usage } = view.agent(id);
    const { results, leases, ...run } = view.run(id);
    tell(id, [
      view.activity(id),
      view.ledger(id),
      versions,
      list(evaluated),
      usage ?? null,
      run,
      list(results),
      list(leases),
    ]);
    tell(`name of ${id}`, view.agentsNamed(view.agents().get(id)?.name ?? ''));
  }
  return told;
}

/** The parts in which two stores differ: none, if snapshots and the log tell the same. */
export async function differences(one: Store, other: Store, named: readonly string[]): Promise<string[]> {
  const [mine, theirs] = [await one.read((view) => whole(view, named)), await other.read((view) => whole(view, named))];
  return [...mine.keys()].filter((key) => mine.get(key) !== theirs.get(key));
}

/** What no order of events may break: the counts on the desk are those of its open actions. */
export function miscounted(view: View): string[] {
  const counted = new Map<string, Record<string, number>>();
  const { open, waiting } = view.desk();
  for (const { run_id, status } of open.values()) {
    const counts = counted.get(run_id) ?? {};
    counts[status] = (counts[status] ?? 0) + 1;
    counted.set(run_id, counts);
  }
  const told = new Map(
    [...waiting].map(([id, { pending_approval, approved, executing, unknown }]) => {
      const counts = Object.entries({ pending_approval, approved, executing, unknown: unknown.length });
      return [id, Object.fromEntries(counts.filter(([, count]) => count > 0))];
    }),
  );
  const ids = new Set([...counted.keys(), ...told.keys()]);
  return [...ids].filter((id) => canonical(counted.get(id) ?? null) !== canonical(told.get(id) ?? null));
}
