import { visible } from '../../src/domain/text/visible.ts';

const NOUNS: Record<string, string> = {
  email_message: 'email',
  linkedin_message: 'LinkedIn message',
  crm_update: 'CRM update',
  mcp_tool: 'tool call',
};

/** What people call an action of a type. */
export function noun(type: string): string {
  return NOUNS[type] ?? type.replaceAll('_', ' ');
}

export function countedAs(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** How many wait: "1 waits", "7 wait". */
export function waitWord(count: number): string {
  return countedAs(count, 'waits', 'wait');
}

/** "7 emails", or "7 actions" where they are of several kinds. */
export function countedActions(types: readonly string[]): string {
  const [first = 'action'] = types;
  return countedAs(types.length, types.every((type) => type === first) ? noun(first) : 'action');
}

/** A stranger's text on one line, its unseen letters named. */
export function inOneLine(text: string): string {
  return visible(text).replace(/\s+/g, ' ').trim();
}

/** What people call a contact: its name, else its address, else its id. */
export function personName(contact: Record<string, unknown>, otherwise: unknown = ''): string {
  const { firstname, lastname, email, id } = contact;
  const name = [firstname, lastname].filter((part) => part).join(' ');
  return inOneLine(String(name || email || id || otherwise));
}

/** Any value as a person reads it. */
export function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

const STATUSES: Record<string, string> = {
  pending_approval: 'waits',
  executed: 'done',
  unknown: 'not known',
  dry_run: 'dry run',
  n: 'cases',
};

export function statusWord(status: string): string {
  return STATUSES[status] ?? status.replaceAll('_', ' ');
}
