import { threadNow } from '../../domain/agents/thread.ts';
import { chunkOf, type DecisionEntry } from '../../domain/decisions/decision.ts';
import { ALL } from '../../domain/state/queries.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { findContact } from '../base/lookup.ts';
import { UNCUT } from '../base/paging.ts';
import type { ResultAsShown } from '../base/shown/run.ts';
import type { ThreadAsShown } from '../base/shown/thread.ts';
import { expireBeforeReading } from '../review/expiry.ts';
import { runReading } from '../runs/read.ts';
import { type DecisionAsShown, shownDecision, walkDecisions } from './decision-page.ts';

/** How many of the newest runs are asked whether they looked at a contact without proposing anything. */
const NEWEST_RUNS = 50;
const MOST_THREADS = 20;

/** An action of a run that was deleted since: what the contact's history keeps of it. */
type LeftOfRun = Pick<LedgerEntry, 'type' | 'status' | 'at' | 'params' | 'reason' | 'action_index'>;

/** One run's part in a contact's story: what the agent saw and proposed, and what was decided, by whom, with what proof. */
export type Encounter = {
  run_id: string;
  agent_id: string;
  agent_name?: string;
  at: string;
  agent_version?: number;
  trigger?: string;
  dry_run?: boolean;
  /** As get_run shows it. */
  result?: ResultAsShown;
  remembered?: LeftOfRun[];
  /** Oldest first. */
  decisions: DecisionAsShown[];
};

export type ContactStory = {
  encounters: Encounter[];
  encounters_total: number;
  /** How a person lifted what the contact objected to. */
  liftings: DecisionAsShown[];
  threads: ThreadAsShown[];
};

/** The runs that tell of a contact, the newest first. */
function runsWith(view: View, contactId: string): string[] {
  const found = new Map<string, string>();
  for (const { run_id, at, hidden } of view.ledger(contactId))
    if (!hidden) found.set(run_id, view.run(run_id)?.created_at ?? at);
  for (const { id, created_at } of view.find.runs({}, { limit: NEWEST_RUNS, offset: 0 }).rows)
    if (!found.has(id) && view.results(id).results.has(contactId)) found.set(id, created_at);
  return [...found].sort(([, a], [, b]) => (a < b ? 1 : Number(a > b) * -1)).map(([id]) => id);
}

/** The entries of the decision log with these numbers: only their documents are read. */
function entriesOf(view: View, seqs: readonly number[]): DecisionEntry[] {
  const wanted = new Set(seqs);
  const chunks = new Set(seqs.map(chunkOf));
  return [...chunks].sort().flatMap((name) => view.decisions(name).filter(({ seq }) => wanted.has(seq)));
}

function encounterOf(view: View, contactId: string, runId: string): Encounter {
  const entries = view.ledger(contactId).filter(({ run_id, hidden }) => run_id === runId && !hidden);
  const seqs = entries.flatMap(({ decisions = [] }) => decisions);
  const decisions = entriesOf(view, seqs).map((entry) => shownDecision(view, entry));
  const run = view.run(runId);
  const agent_id = run?.agent_id ?? entries[0]?.agent_id ?? '';
  const agent_name = view.agent(agent_id)?.name;
  const named = { run_id: runId, agent_id, ...(agent_name === undefined ? {} : { agent_name }) };
  if (!run) {
    const remembered = entries.map(({ type, status, at, params, reason, action_index }) => ({
      ...{ type, status, at, params, action_index },
      ...(reason === undefined ? {} : { reason }),
    }));
    return { ...named, at: entries[0]?.at ?? '', remembered, decisions };
  }
  const { agent_version, trigger, dry_run, created_at } = run;
  const page = { limit: 1, offset: 0, tokens: UNCUT };
  const [result] = runReading(view, runId, contactId, page).run.contact_results ?? [];
  return { ...named, at: created_at, ...{ agent_version, trigger, dry_run }, ...(result ? { result } : {}), decisions };
}

/** The entries of the log by which a person lifted what a contact objected to: none is older than the newest lifting. */
async function liftingsOf(house: House, contactId: string, liftedAt: string | undefined): Promise<DecisionAsShown[]> {
  if (liftedAt === undefined) return [];
  const found: DecisionEntry[] = [];
  await walkDecisions(house, (entries) => {
    found.push(
      ...entries.filter(
        ({ decision, personal }) => decision === 'consent_lifted' && personal?.contact_id === contactId,
      ),
    );
    return (entries.at(-1)?.at ?? '') >= liftedAt;
  });
  return house.read((view) => found.map((entry) => shownDecision(view, entry)));
}

/** A contact's story: each run that looked at it, a page at a time, newest first; conversations about it; liftings. */
export async function storyOf(
  house: House,
  id: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<ContactStory> {
  await expireBeforeReading(house);
  const { contact, ...told } = await house.read((view, { now }) => {
    const contact = findContact(view, id);
    const runs = runsWith(view, contact.id);
    const threads = view.find.threads({}, ALL).rows.filter(({ contact_id }) => contact_id === contact.id);
    return {
      contact,
      encounters: runs.slice(offset, offset + limit).map((runId) => encounterOf(view, contact.id, runId)),
      encounters_total: runs.length,
      threads: threads.slice(0, MOST_THREADS).map((thread) => threadNow(thread, now)),
    };
  });
  return { ...told, liftings: await liftingsOf(house, contact.id, contact.consent_lifted_at) };
}
