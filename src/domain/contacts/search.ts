import { wireAddress } from './address.ts';
import type { Contact } from './contact.ts';

const SEARCHED = ['id', 'email', 'firstname', 'lastname', 'company'] as const;

/** Tells whether a contact's id, email, names or company contain a text, in any case; an address in any spelling. */
export function searchFor(query: string): (contact: Contact) => boolean {
  const text = query.toLowerCase();
  const address = wireAddress(query);
  return (contact) => {
    if (SEARCHED.some((field) => contact[field]?.toLowerCase().includes(text))) return true;
    if (`${contact.firstname ?? ''} ${contact.lastname ?? ''}`.toLowerCase().includes(text)) return true;
    return address !== undefined && contact.email !== undefined && wireAddress(contact.email) === address;
  };
}
