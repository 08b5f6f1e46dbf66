import type { Agent } from '../../domain/agents/agent.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import { conflict, invalid, notFound } from '../../domain/base/errors.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import type { Run } from '../../domain/runs/run.ts';
import type { Named } from '../../domain/state/queries.ts';
import { contactOf, currentAgent, type View } from '../../domain/state/view.ts';
import { closestTo } from '../../domain/text/closest.ts';

/** The most ids that an error suggests. */
const MOST_SUGGESTIONS = 20;

function didYouMean(near: string | undefined): string {
  return near === undefined ? '' : ` The closest match is "${near}".`;
}

/** A sentence that names the closest of some candidates; empty where there are none. */
export function suggestion(wanted: string, candidates: readonly string[]): string {
  return didYouMean(closestTo(wanted, candidates));
}

/** A sentence that names the closest of all agents, runs or the like in the home; empty where there are none. */
export function suggestionOf(view: View, kind: Named, wanted: string): string {
  return didYouMean(view.find.similar(kind, wanted));
}

/** An agent by id, or by its exact name in any case. */
export function findAgent(view: View, idOrName: string): Agent {
  const byId = currentAgent(view, idOrName);
  if (byId) return byId;
  const ids = view.agentsNamed(idOrName.trim());
  if (ids.length > 1) {
    const some = ids.slice(0, MOST_SUGGESTIONS);
    const more = ids.length > some.length ? ' (list_agents shows all)' : '';
    throw invalid(
      `${ids.length} agents are named "${idOrName}": give one of the ids ${some.join(', ')}${more} as agent_id.`,
      { agent_id: some },
    );
  }
  const named = currentAgent(view, ids[0] ?? '');
  if (named) return named;
  throw notFound(
    `No agent has the id or name "${idOrName}".${suggestionOf(view, 'agents', idOrName)} list_agents shows all of them.`,
  );
}

export function findRun(view: View, id: string): Run {
  const run = view.run(id);
  if (run) return run;
  throw notFound(`No run has the id "${id}".${suggestionOf(view, 'runs', id)} list_runs shows all of them.`);
}

export function findContact(view: View, id: string): Contact {
  const contact = contactOf(view, id) ?? view.contactAt(id);
  if (contact) return contact;
  throw notFound(
    `No contact has the id "${id}".${suggestionOf(view, 'contacts', id)} list_contacts finds contacts by name, email or company.`,
  );
}

/** Refuses to go on with work about a contact that was deleted since the work began: CONFLICT. */
export function demandContact(view: View, id: string): void {
  if (!view.contact(id))
    throw conflict('A contact that this call is about was deleted meanwhile, so nothing of the call was kept.');
}

export function findIdentity(view: View, id: string): Identity {
  const identity = view.identity(id);
  if (identity) return identity;
  throw notFound(
    `No identity has the id "${id}".${suggestionOf(view, 'identities', id)} list_identities shows all of them; save_identity makes one.`,
  );
}
