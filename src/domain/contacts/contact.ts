/** What made an import set a flag: a column (or event) and its value, in which import, when. */
export type FlagSource = { flag: BlockingFlag; column: string; value: string; import_id: string; at: string };

/** A person that agents work on. An imported column that has no field here is kept under its own name. */
export type Contact = {
  id: string;
  email?: string;
  firstname?: string;
  lastname?: string;
  phone?: string;
  company?: string;
  lifecycle_stage?: unknown;
  linkedin_url?: string;
  do_not_email: boolean;
  do_not_contact: boolean;
  /** A server refused the address for good: no email goes there. Absent in homes of before, which means false. */
  bounced?: boolean;
  bounced_at?: string;
  /** Where each flag comes from that an import set. A flag without a source was set before sources were kept. */
  consent_sources?: FlagSource[];
  /** When a person last lifted flags of this contact: the decision log has the entries. */
  consent_lifted_at?: string;
  created_at: string;
  updated_at: string;
  [column: string]: unknown;
};

/** A contact's name as their own messages and ours give it; empty where none is known. */
export function fullName({ firstname, lastname }: Pick<Contact, 'firstname' | 'lastname'>): string {
  return [firstname?.trim(), lastname?.trim()].filter((part) => part !== undefined && part !== '').join(' ');
}

/** Something a contact did, in the terms of Segment's spec. `message_id` is Segment's messageId where one was given. */
export type ContactEvent = {
  contact_id: string;
  type: string;
  name?: string;
  properties: Record<string, unknown>;
  timestamp: string;
  message_id?: string;
};

export type Note = {
  contact_id: string;
  body: string;
  agent_id: string;
  run_id: string;
  action_index: number;
  at: string;
};

/** A contact's events, oldest first, and the notes about the contact. */
export type Activity = { events: ContactEvent[]; notes: Note[] };

/**
 * An action that an agent took or proposed for a contact. Actions of dry runs aren't kept. Of an agent that isn't the
 * reader's to see, it says what, how it went and when, and no more.
 */
export type RecentAction = {
  type: string;
  status: string;
  params?: Record<string, unknown>;
  agent_id?: string;
  run_id?: string;
  at: string;
};

/** An action for a contact that a person rejected or sent back, and why; of an agent that isn't shown: `status`, no more. */
export type Rejection = {
  type: string;
  status?: string;
  params?: Record<string, unknown>;
  reason?: string;
  at: string;
};

/** A contact's fields and the figures that follow from its events and actions (contract, section 3). */
export type UnifiedProfile = Contact & {
  first_seen?: string;
  last_seen?: string;
  event_count: number;
  events_7d: number;
  events_30d: number;
  last_event?: ContactEvent;
  top_pages: { path: string; count: number }[];
  last_contacted_at?: string;
};

/** Fields whose value is always text. */
export const TEXT_FIELDS = ['email', 'firstname', 'lastname', 'phone', 'company', 'linkedin_url'] as const;
const CONSENT_FLAGS = ['do_not_email', 'do_not_contact'] as const;
/** What forbids an action while it is set: imports set these flags and never clear them, a person clears them. */
export const BLOCKING_FLAGS = [...CONSENT_FLAGS, 'bounced'] as const;
export type BlockingFlag = (typeof BLOCKING_FLAGS)[number];
/** Times that Countersign keeps itself: no import, mapping or `crm_update` may set them. */
const OWN_TIMES = ['created_at', 'updated_at'] as const;
/** All that Countersign keeps itself beside the flags. */
export const OWN_FIELDS = [...OWN_TIMES, 'bounced_at', 'consent_sources', 'consent_lifted_at'] as const;
