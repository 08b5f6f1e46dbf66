import { type McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import type { Contact } from '../domain/contacts/contact.ts';
import { ALL } from '../domain/state/queries.ts';
import type { View } from '../domain/state/view.ts';
import { TEMPLATES } from '../domain/templates/index.ts';
import type { House } from '../engine/base/house.ts';
import { threadIdFor } from '../engine/chat/threads.ts';
import { protocolError } from './resources.ts';

/** The most values that the protocol lets one answer carry. */
const MOST = 100;

/** Of the contacts that hold the typed text, the newest ones are candidates, so many of them. */
const MOST_FOUND = 10_000;

/** A value to complete to, and the texts of which a person may have typed a part. */
type Candidate = { value: string; texts: readonly (string | undefined)[] };
type KnownValues = Readonly<Record<string, string>>;

function agents(view: View): Candidate[] {
  const all = view.find.agents({ status: 'any' }, ALL).rows;
  const nameCounts = new Map<string, number>();
  for (const { name } of all) nameCounts.set(name.toLowerCase(), (nameCounts.get(name.toLowerCase()) ?? 0) + 1);
  return all.flatMap(({ id, name }) => {
    const byId = { value: id, texts: [id] };
    // Tools refuse a name that several agents have as ambiguous, so such agents are completed to by their ids alone.
    return nameCounts.get(name.toLowerCase()) === 1
      ? [{ value: name, texts: [name] }, byId]
      : [{ ...byId, texts: [id, name] }];
  });
}

function runs(view: View): Candidate[] {
  const all = view.find.runs({}, ALL).rows;
  return all.map(({ id, agent_id }) => ({ value: id, texts: [id, view.agent(agent_id)?.name] }));
}

function threads(view: View): Candidate[] {
  const all = view.find.threads({}, ALL).rows;
  return all.map((thread) => {
    const id = threadIdFor(view, thread);
    return { value: id, texts: [id, view.agent(thread.agent_id)?.name] };
  });
}

function contactCandidate(id: string, contact: Contact | undefined): Candidate {
  const { email, firstname = '', lastname = '', company } = contact ?? {};
  return { value: id, texts: [id, email, `${firstname} ${lastname}`, company] };
}

/** The contacts of the run where the caller has filled in `run_id`, else all contacts that hold the typed text. */
async function contacts(house: House, given: KnownValues, typed: string): Promise<Candidate[]> {
  const { run_id } = given;
  if (run_id === undefined) {
    const { rows } = await house.store.find.contacts({ query: typed }, { limit: MOST_FOUND, offset: 0 });
    return rows.map((contact) => contactCandidate(contact.id, contact));
  }
  return house.read((view) =>
    [...view.results(run_id).results.keys()].map((id) => contactCandidate(id, view.contact(id))),
  );
}

/** Finds the candidates of one variable or argument. `given` holds what the caller has filled in already. */
type Candidates = (house: House, given: KnownValues, typed: string) => Promise<Candidate[]>;

/** Where candidates come from, by the name of a variable or argument. A name means the same wherever it is used. */
const SOURCES: Readonly<Record<string, Candidates>> = {
  agent_id: (house) => house.read(agents),
  run_id: (house) => house.read(runs),
  contact_id: contacts,
  thread_id: (house) => house.read(threads),
  template: async () => TEMPLATES.map(({ name }) => ({ value: name, texts: [name] })),
  goal: async () => TEMPLATES.map(({ name, description }) => ({ value: description, texts: [description, name] })),
};

/** First the values that begin with the typed text, then those that hold it elsewhere, in any case. */
function matching(candidates: readonly Candidate[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  const beginning: string[] = [];
  const holding: string[] = [];
  for (const { value, texts } of candidates) {
    let place = -1;
    for (const text of texts) {
      const at = text === undefined ? -1 : text.toLowerCase().indexOf(wanted);
      if (at !== -1 && (place === -1 || at < place)) place = at;
    }
    if (place === 0) beginning.push(value);
    else if (place > 0) holding.push(value);
  }
  return [...beginning, ...holding];
}

/** The names of variables and arguments, by the URI of their resource template or the name of their prompt. */
export type Completable = ReadonlyMap<string, readonly string[]>;

function argumentNames(ref: string, completable: Completable): readonly string[] {
  const names = completable.get(ref);
  if (names) return names;
  const known = [...completable.keys()].join(', ');
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `"${ref}" is no resource template or prompt of this server. It has ${known}.`,
  );
}

/** Answers `completion/complete` for every resource template and prompt with a variable or an argument. */
export function answerCompletions(server: McpServer, house: House, completable: Completable): void {
  server.server.setRequestHandler('completion/complete', async ({ params: { ref, argument, context } }) => {
    const names = argumentNames(ref.type === 'ref/prompt' ? ref.name : ref.uri, completable);
    const source = names.includes(argument.name) ? SOURCES[argument.name] : undefined;
    if (!source) {
      const known = names.join(', ') || 'none';
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `There is no argument "${argument.name}" to complete. There is ${known}.`,
      );
    }
    try {
      const given = context?.arguments ?? {};
      const found = matching(await source(house, given, argument.value), argument.value);
      return { completion: { values: found.slice(0, MOST), total: found.length, hasMore: found.length > MOST } };
    } catch (error) {
      throw protocolError(error, house.deps);
    }
  });
}
