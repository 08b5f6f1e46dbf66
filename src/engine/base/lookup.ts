import { closest } from 'fastest-levenshtein';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import { conflict, invalid, notFound } from '../../domain/base/errors.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import type { Run } from '../../domain/runs/run.ts';
import { contactOf, currentAgent, type View } from '../../domain/state/state.ts';

const NEAR_ENOUGH = 2_000;

function suggestion(wanted: string, candidates: string[]): string {
  if (candidates.length === 0) return '';
  const near = closest(wanted.slice(0, 200), candidates.slice(0, NEAR_ENOUGH));
  return ` The closest match is "${near}".`;
}

/** An agent by id, or by its exact name in any case. */
export function findAgent(view: View, idOrName: string): Agent {
  const byId = currentAgent(view, idOrName);
  if (byId) return byId;
  const ids = view.agentsNamed(idOrName.trim());
  if (ids.length > 1) {
    throw invalid(`${ids.length} agents are named "${idOrName}": give one of the ids ${ids.join(', ')} as agent_id.`, {
      agent_id: ids,
    });
  }
  const named = currentAgent(view, ids[0] ?? '');
  if (named) return named;
  const known = [...view.agents().values()].flatMap((agent) => [agent.name, agent.id]);
  throw notFound(
    `No agent has the id or name "${idOrName}".${suggestion(idOrName, known)} list_agents shows all of them.`,
  );
}

export function findRun(view: View, id: string): Run {
  const run = view.runs().get(id);
  if (run) return run;
  throw notFound(`No run has the id "${id}".${suggestion(id, [...view.runs().keys()])} list_runs shows all of them.`);
}

export function findContact(view: View, id: string): Contact {
  const book = view.contacts();
  const contact = contactOf(book, id) ?? book.byId.get(book.byEmail.get(id.toLowerCase()) ?? '');
  if (contact) return contact;
  throw notFound(
    `No contact has the id "${id}".${suggestion(id, [...book.byId.keys()])} list_contacts finds contacts by name, email or company.`,
  );
}

/** Refuses to go on about someone who was deleted since a piece of work began. */
export function demandContact(view: View, id: string): void {
  if (!view.contacts().byId.has(id))
    throw conflict('A contact that this is about was deleted meanwhile. Nothing of it was kept.');
}

export function findIdentity(view: View, id: string): Identity {
  const identity = view.identities().get(id);
  if (identity) return identity;
  throw notFound(
    `No identity has the id "${id}".${suggestion(id, [...view.identities().keys()])} list_identities shows all of them; save_identity makes one.`,
  );
}

export { suggestion };
