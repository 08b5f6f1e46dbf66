import { chunkOf, type DecisionEntry, isRedacted, nextChunk } from '../../domain/decisions/decision.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import { briefContact } from '../base/shown/contact.ts';

/** How many documents of the log one page looks through at most, where it leaves entries out. */
const MOST_CHUNKS = 100;
/** What of an entry is told as it stands. */
const TOLD = [
  ...(['seq', 'at', 'decision', 'by', 'client', 'via', 'agent_id', 'agent_name', 'agent_version'] as const),
  ...(['run_id', 'action_index', 'type', 'edited', 'loosened'] as const),
] as const satisfies readonly (keyof DecisionEntry)[];

/** An entry of the decision log as people read it, without what its chain is made of. `erased`: its contact was deleted. */
export type DecisionAsShown = Pick<DecisionEntry, (typeof TOLD)[number]> & {
  /** The name of the passkey that was added or removed. */
  passkey_name?: string;
  contact_id?: string;
  contact?: ReturnType<typeof briefContact>;
  reason?: string;
  recipient?: string;
  erased?: true;
};

export function shownDecision(view: View, entry: DecisionEntry): DecisionAsShown {
  const { seq, at, decision, by, via, personal, passkey } = entry;
  const told: DecisionAsShown = { seq, at, decision, by, via };
  const beside = Object.fromEntries(TOLD.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]])));
  Object.assign(told, beside, passkey ? { passkey_name: passkey.name } : {});
  if (personal === undefined) return { ...told, ...(isRedacted(entry) ? { erased: true } : {}) };
  const { contact_id, reason, recipient } = personal;
  return {
    ...told,
    contact_id,
    contact: briefContact(view.contact(contact_id)),
    ...(reason === undefined ? {} : { reason }),
    ...(recipient === undefined ? {} : { recipient }),
  };
}

/** Selects entries: those of one agent, of one person by their name, of one kind, or all that whoever looks sees. */
export type DecisionQuery = {
  agent_id?: string | undefined;
  by?: string | undefined;
  decision?: string | undefined;
  limit: number;
  offset: number;
};

export type DecisionPage = {
  decisions: DecisionAsShown[];
  total: number;
  /** There may be more: a look through very many entries doesn't go on for ever. */
  total_is?: 'at_least';
  limit: number;
  offset: number;
  has_next: boolean;
};

/** How a walk through the decision log ended: at its start, where the walker had enough, or after too many documents. */
type WalkEnd = 'start' | 'enough' | 'too many';

/**
 * Goes through the documents of the decision log, newest first, each in a look of its own, so that other calls get their
 * turn. `take` gets the entries of one, newest first, and says whether it wants more.
 */
export async function walkDecisions(
  house: House,
  take: (entries: readonly DecisionEntry[]) => boolean,
): Promise<WalkEnd> {
  let seq = await house.read((view) => view.decisionHead().seq);
  for (let chunks = 0; seq > 0; chunks++) {
    if (chunks === MOST_CHUNKS) return 'too many';
    const name = chunkOf(seq);
    if (!take(await house.read((view) => view.decisions(name).toReversed()))) return 'enough';
    seq = Number(name) - 1;
  }
  return 'start';
}

/** All entries, by their numbers alone: no document is read but those of the page. */
async function wholeLog(house: House, { limit, offset }: DecisionQuery): Promise<DecisionPage> {
  return house.read((view) => {
    const total = view.decisionHead().seq;
    const last = total - offset;
    const first = Math.max(1, last - limit + 1);
    const entries: DecisionEntry[] = [];
    for (let from = first; from <= last; from = nextChunk(Number(chunkOf(from))))
      entries.push(...view.decisions(chunkOf(from)).filter(({ seq }) => seq >= first && seq <= last));
    const decisions = entries.reverse().map((entry) => shownDecision(view, entry));
    return { decisions, total, limit, offset, has_next: first > 1 && last >= 1 };
  });
}

/** The decision log, newest first, a page at a time, as whoever looks sees it. */
export async function decisionPage(house: House, query: DecisionQuery): Promise<DecisionPage> {
  const isWhole = await house.read((view) => view.whole === undefined);
  const { agent_id: wanted, by, decision, limit, offset } = query;
  if (isWhole && wanted === undefined && by === undefined && decision === undefined) return wholeLog(house, query);
  const agent = wanted === undefined ? undefined : await house.read((view) => findAgent(view, wanted).id);
  const isWanted = (entry: DecisionEntry) =>
    (agent === undefined || entry.agent_id === agent) &&
    (by === undefined || entry.by === by) &&
    (decision === undefined || entry.decision === decision);
  const found: DecisionEntry[] = [];
  const end = await walkDecisions(house, (entries) => {
    found.push(...entries.filter(isWanted));
    return true;
  });
  const rows = found.slice(offset, offset + limit);
  const decisions = await house.read((view) => rows.map((entry) => shownDecision(view, entry)));
  return {
    ...{ decisions, total: found.length },
    ...(end === 'too many' ? { total_is: 'at_least' as const } : {}),
    ...{ limit, offset, has_next: offset + rows.length < found.length },
  };
}

type LogChoice = { value: string; name: string };
/** What a page of the log can be narrowed to: the agents that there still are, who decided, and the kinds that occur. */
export type DecisionChoices = { agents: LogChoice[]; people: LogChoice[]; kinds: LogChoice[] };

/** So many documents of the log are looked at for them: the newest. */
const NEWEST = 2;

function choicesOf(entries: readonly DecisionEntry[], name: 'by' | 'decision'): LogChoice[] {
  const values = new Set(entries.map((entry) => entry[name]));
  return [...values].toSorted().map((value) => ({ value, name: value }));
}

/** The choices in the newest entries that whoever looks sees. */
export async function decisionChoices(house: House): Promise<DecisionChoices> {
  const found: DecisionEntry[] = [];
  let documents = 0;
  await walkDecisions(house, (entries) => {
    found.push(...entries);
    documents += 1;
    return documents < NEWEST;
  });
  const ids = [...new Set(found.flatMap(({ agent_id }) => agent_id ?? []))];
  const agents = await house.read((view) =>
    ids.flatMap((id) => {
      const agent = currentAgent(view, id);
      return agent ? [{ value: id, name: agent.name }] : [];
    }),
  );
  return { agents, people: choicesOf(found, 'by'), kinds: choicesOf(found, 'decision') };
}
