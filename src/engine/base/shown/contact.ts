import { z } from 'zod';
import type { Contact, ContactEvent, Note, RecentAction } from '../../../domain/contacts/contact.ts';
import { anObject, type FieldsOf } from './fields.ts';

function ownFields() {
  return {
    id: z.string(),
    email: z.string().exactOptional(),
    firstname: z.string().exactOptional(),
    lastname: z.string().exactOptional(),
    phone: z.string().exactOptional(),
    company: z.string().exactOptional(),
    lifecycle_stage: z.unknown().exactOptional(),
    linkedin_url: z.string().exactOptional(),
    do_not_email: z.boolean(),
    do_not_contact: z.boolean(),
    bounced: z.boolean().exactOptional(),
    bounced_at: z.string().exactOptional(),
    created_at: z.string(),
    updated_at: z.string(),
  };
}

/** A whole contact; imported columns that are no field of ours stand under their own names. */
export function contactShape() {
  return z.looseObject(ownFields());
}

/** A contact in a list: the fields that tell who it is, and those that were asked for. */
export function contactRowShape() {
  return z.looseObject(ownFields()).partial();
}
export type ContactRowAsShown = z.infer<ReturnType<typeof contactRowShape>>;

/** What a reader needs to recognise a contact; empty for a deleted contact. */
export function briefContactShape() {
  return z.strictObject({
    id: z.string().optional(),
    email: z.string().optional(),
    firstname: z.string().optional(),
    lastname: z.string().optional(),
    company: z.string().optional(),
    lifecycle_stage: z.unknown().optional(),
    /** A mail server refused the address for good, at this time where it is known. */
    bounced: z.literal(true).exactOptional(),
    bounced_at: z.string().exactOptional(),
  });
}
type BriefContact = z.infer<ReturnType<typeof briefContactShape>>;

/** Something a contact did. */
export function eventShape() {
  return z.strictObject({
    contact_id: z.string(),
    type: z.string(),
    name: z.string().exactOptional(),
    properties: anObject(),
    timestamp: z.string(),
    message_id: z.string().exactOptional(),
  } satisfies FieldsOf<ContactEvent>);
}

export function noteShape() {
  return z.strictObject({
    contact_id: z.string(),
    body: z.string(),
    agent_id: z.string(),
    run_id: z.string(),
    action_index: z.int(),
    at: z.string(),
  } satisfies FieldsOf<Note>);
}

/** What an agent did or proposed for a contact; of an agent that the caller doesn't see, type, status and time alone. */
export function recentActionShape() {
  return z.strictObject({
    type: z.string(),
    status: z.string(),
    params: anObject().exactOptional(),
    agent_id: z.string().exactOptional(),
    run_id: z.string().exactOptional(),
    at: z.string(),
  } satisfies FieldsOf<RecentAction>);
}

/** A contact's fields and what follows from its events. */
export function profileShape() {
  return z.looseObject({
    ...ownFields(),
    first_seen: z.string().exactOptional(),
    last_seen: z.string().exactOptional(),
    event_count: z.int(),
    events_7d: z.int(),
    events_30d: z.int(),
    last_event: eventShape().exactOptional(),
    top_pages: z.array(z.strictObject({ path: z.string(), count: z.int() })),
    last_contacted_at: z.string().exactOptional(),
  });
}

/** A contact with all that is known of it; `truncated` where something was cut to fit a result. */
export type ContactReading = {
  contact: z.infer<ReturnType<typeof contactShape>>;
  events: z.infer<ReturnType<typeof eventShape>>[];
  notes: z.infer<ReturnType<typeof noteShape>>[];
  recent_actions: z.infer<ReturnType<typeof recentActionShape>>[];
  unified_profile: z.infer<ReturnType<typeof profileShape>>;
  truncated?: 'size';
};

/** What a reader needs to recognise a contact. */
export function briefContact(contact: Contact | undefined): BriefContact {
  if (!contact) return {};
  const { id, email, firstname, lastname, company, lifecycle_stage } = contact;
  return { id, email, firstname, lastname, company, lifecycle_stage, ...bounceOf(contact) };
}

/** That mail to a contact's address came back, and since when; nothing where it didn't. */
export function bounceOf({ bounced, bounced_at }: Contact): { bounced?: true; bounced_at?: string } {
  if (bounced !== true) return {};
  return { bounced, ...(bounced_at === undefined ? {} : { bounced_at }) };
}
