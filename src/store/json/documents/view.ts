import { shardOf } from '../../../domain/state/parts.ts';
import type { View } from '../../../domain/state/state.ts';
import type { Documents } from './documents.ts';

/** The documents as callers see them, each loaded when it is looked at. */
export function viewOf(documents: Documents, commits: () => number): View {
  const { agents, agentFiles, evaluated, activity, ledger, desk, open } = documents;
  return {
    commits,
    agents: () => agents.get().byId,
    agentsNamed: (name) => [...(agents.get().byName.get(name.toLowerCase()) ?? [])].sort(),
    agent: (id) => ({
      get versions() {
        return agentFiles.get(id).versions;
      },
      get usage() {
        return agentFiles.get(id).usage;
      },
      get evaluated() {
        return evaluated.get(id);
      },
    }),
    runs: () => documents.runs.get(),
    run: (id) => documents.results.get(id),
    contacts: () => documents.contacts.get(),
    activity: (contactId) => activity.get(shardOf(contactId)).get(contactId) ?? { events: [], notes: [] },
    ledger: (contactId) => ledger.get(shardOf(contactId)).get(contactId) ?? [],
    desk: () => ({
      ...desk.get(),
      get open() {
        return open.get();
      },
    }),
    schedules: () => documents.schedules.get(),
    identities: () => documents.identities.get(),
    threads: () => documents.threads.get(),
    thread: (id) => documents.thread.get(id),
    keys: () => documents.keys.get(),
    erasures: () => documents.erasures.get(),
    decisionHead: () => documents.decisionHead.get(),
    decisions: (chunk) => documents.decisions.get(chunk),
  };
}
