import { z } from 'zod';
import { allowedActions, unusableOf } from '../../actions/allowed.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Offers } from '../../domain/agents/tool.ts';
import type { Author } from '../../domain/base/author.ts';
import { invalid, notFound } from '../../domain/base/errors.ts';
import type { Contact } from '../../domain/contacts/contact.ts';
import { monitoredBy } from '../../domain/contacts/contact-filter.ts';
import type { View } from '../../domain/state/view.ts';
import { briefingOf } from '../../evaluators/briefing.ts';
import type { ChatFunction } from '../../evaluators/conversation.ts';
import { answerSchema } from '../../evaluators/model-prompt.ts';
import { contextOf } from '../base/context.ts';
import type { House } from '../base/house.ts';
import { findContact } from '../base/lookup.ts';
import { briefContact } from '../base/shown/contact.ts';
import { type Sight, sightOf } from '../gate/sight.ts';
import { offersOf } from '../gate/tool-offers.ts';
import { proposeInChat } from './proposals.ts';
import { customFunctions } from './tools.ts';

/** The contact that a conversation is about: the first one that is named or read in it. */
export type Subject = {
  contact_id?: string;
  /** Ids of all contacts whose data was given to the model. */
  told: Set<string>;
  /** What the conversation saw of its contact, when it read it last or the message came. */
  sight?: Sight | undefined;
};

/** An agent in conversation, and the contact that the conversation is about. */
export type Conversation = { agent: Agent; subject: Subject };

const MOST_FOUND = 20;
const findInput = z.object({ query: z.string().max(200).optional(), limit: z.int().min(1).max(MOST_FOUND).optional() });
const readInput = z.object({ contact_id: z.string().min(1).max(254) });
const proposalInput = z.object({
  contact_id: z.string().min(1).max(254).optional(),
  reasoning: z.string().max(20_000),
  proposed_actions: z.array(z.object({ type: z.string(), params: z.record(z.string(), z.unknown()) })).max(20),
});

/** A model's input, checked by a schema. The model is told what is wrong with it: VALIDATION_ERROR. */
function checked<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(z.prettifyError(parsed.error));
}

/** A contact by id, if the agent's filter finds it: a chat reads no contact that a run wouldn't. Else NOT_FOUND. */
export function ownContact(view: View, agent: Agent, id: string): Contact {
  const contact = findContact(view, id);
  if (monitoredBy(agent.monitoring)(contact)) return contact;
  throw notFound(`The contact "${id}" isn't among those that monitoring.filter of this agent finds.`);
}

function findContactsFunction(house: House, { agent, subject }: Conversation): ChatFunction {
  return {
    name: 'find_contacts',
    description: 'Finds your contacts by a part of id, email, name or company.',
    input: { type: 'object', properties: { query: { type: 'string' }, limit: { type: 'integer' } } },
    async run(input) {
      const { query, limit = 10 } = checked(findInput, input);
      const wanted = { filter: agent.monitoring.filter, query, oldestFirst: true };
      const { rows, total, isAtLeast } = await house.store.find.contacts(wanted, { limit, offset: 0 });
      for (const contact of rows) subject.told.add(contact.id);
      return { contacts: rows.map(briefContact), total, ...(isAtLeast ? { total_is: 'at_least' } : {}) };
    },
  };
}

function getContactFunction(house: House, { agent, subject }: Conversation): ChatFunction {
  return {
    name: 'get_contact',
    description: 'Reads one of your contacts: fields, events, earlier actions, what people rejected, and why.',
    input: { type: 'object', properties: { contact_id: { type: 'string' } }, required: ['contact_id'] },
    async run(input) {
      const { contact_id } = checked(readInput, input);
      const { context, sight } = await house.read((view, { now }) => {
        const found = contextOf(view, agent, ownContact(view, agent, contact_id).id, now);
        if (!found) throw notFound(`There is no contact "${contact_id}" any more.`);
        return { context: found, sight: sightOf(view, { agent, contactId: found.contact.id }, now) };
      });
      subject.contact_id ??= context.contact.id;
      if (subject.contact_id === context.contact.id) subject.sight = sight;
      subject.told.add(context.contact.id);
      const { contact, events, recent_actions, rejections, unified_profile, cut } = briefingOf(context, []);
      return { contact, events, recent_actions, rejections, unified_profile, ...(cut ? { cut } : {}) };
    },
  };
}

/** The id of the contact that may get proposals: the one that the conversation is about, or `wanted` if none is yet. */
function demandSubject(view: View, agent: Agent, subject: Subject, wanted: string | undefined): string {
  const id = wanted === undefined ? subject.contact_id : ownContact(view, agent, wanted).id;
  if (id === undefined) throw invalid('This conversation is about nobody yet: give contact_id, or get_contact first.');
  if (subject.contact_id !== undefined && subject.contact_id !== id)
    throw invalid(
      `This conversation is about the contact "${subject.contact_id}", so nothing can be proposed for "${id}" in it.`,
    );
  return id;
}

/** Proposes actions for the contact that a conversation is about. They wait for a decision like all others. */
export async function proposeOnSubject(
  house: House,
  by: Author,
  { agent, subject }: Conversation,
  input: unknown,
): Promise<object> {
  const { contact_id, ...evaluation } = checked(proposalInput, input);
  const id = await house.read((view) => demandSubject(view, agent, subject, contact_id));
  subject.contact_id = id;
  subject.told.add(id);
  const { run_id, accepted, blocked } = await proposeInChat(house, by, agent, {
    contactId: id,
    evaluation,
    sight: subject.sight,
  });
  const next = accepted > 0 ? { next: `${accepted} wait for the person's decision; nothing has happened yet.` } : {};
  return { run_id, accepted, blocked, ...next };
}

function proposeActions(
  house: House,
  by: Author,
  conversation: Conversation,
  offers: Offers | undefined,
): ChatFunction {
  const { properties, ...schema } = answerSchema(allowedActions(conversation.agent, offers));
  const unusable = unusableOf(offers);
  return {
    name: 'propose_actions',
    description: [
      'Proposes actions for the contact that this conversation is about. A person decides on each; nothing happens by proposing. blocked says what may not be, and why.',
      ...(unusable ? [`Tools that can't be used: ${JSON.stringify(unusable)}`] : []),
    ].join(' '),
    input: { ...schema, properties: { contact_id: { type: 'string' }, ...properties } },
    run: (input) => proposeOnSubject(house, by, conversation, input),
  };
}

/** Functions with a name each: two tools may have names that providers take for one. */
function namedApart(functions: readonly ChatFunction[]): ChatFunction[] {
  const counts = new Map<string, number>();
  return functions.map((given) => {
    const count = (counts.get(given.name) ?? 0) + 1;
    counts.set(given.name, count);
    return count === 1 ? given : { ...given, name: `${given.name.slice(0, 60)}_${count}` };
  });
}

/** What an agent can call in a chat: reading contacts, proposing for one of them, and tools that the person lists. */
export async function chatFunctions(
  house: House,
  by: Author,
  conversation: Conversation,
): Promise<readonly ChatFunction[]> {
  const { agent } = conversation;
  const isEnabled = (name: string) => agent.enabled_functions.length === 0 || agent.enabled_functions.includes(name);
  const own: ChatFunction[] = [findContactsFunction(house, conversation), getContactFunction(house, conversation)];
  if (agent.capabilities.length > 0) own.push(proposeActions(house, by, conversation, await offersOf(house, agent)));
  return namedApart([...own.filter(({ name }) => isEnabled(name)), ...(await customFunctions(house, agent))]);
}
