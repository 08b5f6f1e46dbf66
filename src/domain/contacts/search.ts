import type { Contact } from './contact.ts';

const SEARCHED = ['id', 'email', 'firstname', 'lastname', 'company'] as const;

/** Whether a contact's id, email, names or company contain `text`, which is in lower case. */
export function isFound(contact: Contact, text: string): boolean {
  if (SEARCHED.some((field) => contact[field]?.toLowerCase().includes(text))) return true;
  return `${contact.firstname ?? ''} ${contact.lastname ?? ''}`.toLowerCase().includes(text);
}
