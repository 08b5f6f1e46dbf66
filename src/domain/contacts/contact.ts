/** A person an agent may work on. Columns without a field of their own stay under their own name. */
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
  created_at: string;
  updated_at: string;
  [column: string]: unknown;
};

/** Something a contact did, in Segment's words. `message_id` is Segment's messageId where one was given. */
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

/** What a contact did, oldest first, and what was noted of it. */
export type Activity = { events: ContactEvent[]; notes: Note[] };

/** What agents did or proposed for a contact lately; dry runs are left out. */
export type RecentAction = {
  type: string;
  status: string;
  params: Record<string, unknown>;
  agent_id: string;
  run_id: string;
  at: string;
};

/** The contact's fields and what follows from its events (contract, section 3). */
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

export const TEXT_FIELDS = ['email', 'firstname', 'lastname', 'phone', 'company', 'linkedin_url'] as const;
export const CONSENT_FLAGS = ['do_not_email', 'do_not_contact'] as const;
/** Fields that no import, mapping or `crm_update` may set as plain values. */
export const OWN_TIMES = ['created_at', 'updated_at'] as const;
