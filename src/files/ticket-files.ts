import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { ROLES, SCOPES } from '../domain/base/author.ts';
import { errorCode, isFolder, makeFolder, readIfThere, replaceFile } from './durable.ts';

/** How long a ticket is good: long enough for a browser to start. */
export const TICKET_MS = 60_000;

const member = z.object({
  id: z.string(),
  role: z.enum(ROLES),
  team: z.int().positive(),
  scopes: z.array(z.enum(SCOPES)).readonly(),
});
const person = z.object({ user: z.string(), client: z.string().exactOptional(), member: member.exactOptional() });
/** By which issuer a person of its is vouched for, until when, and in which groups. */
const vouched = z.object({ by: z.string(), until: z.number(), groups: z.array(z.string()).readonly() });
export const ticketPlace = z.union([
  z.object({ run_id: z.string(), contact_id: z.string(), action_index: z.int().nonnegative() }),
  z.object({ change_id: z.string() }),
]);
/** Whose ticket it is, where it is one of a team's: the key of their login, and the person. */
export const holderSchema = z.object({ key: z.string(), person, vouched: vouched.exactOptional() });
const ticketSchema = z.object({
  kind: z.enum(['desk', 'passkey']),
  until: z.string(),
  /** Without it, it is the home's owner's. */
  holder: holderSchema.exactOptional(),
  /** The row or the change at which the desk opens. */
  at: ticketPlace.exactOptional(),
  /** The name that the person gave the passkey which they are about to add. */
  name: z.string().exactOptional(),
});

/** What a ticket is good for. */
export type Ticket = z.infer<typeof ticketSchema>;
export type TicketPlace = z.infer<typeof ticketPlace>;

/**
 * One-time tickets to the desk: `HOME/desk/tickets/SHA256.json`, a file each, so that every process of a home can redeem
 * what another one issued. A ticket itself is kept nowhere.
 */
export type TicketFiles = {
  /** Makes a ticket, and takes away those that nobody redeemed in time. */
  issue: (ticket: Omit<Ticket, 'until'>) => string;
  /** What a ticket is good for; undefined where it is none, is too old, or was redeemed: it is good once, in one process. */
  redeem: (ticket: string) => Ticket | undefined;
};

const FORM = /^[\w-]{43}$/;

function parsed(bytes: Buffer | undefined): Ticket | undefined {
  try {
    const found = ticketSchema.safeParse(JSON.parse(String(bytes)));
    return found.success ? found.data : undefined;
  } catch {
    return undefined;
  }
}

/** Takes away what lies in the folder for longer than any ticket is good. */
function removeOld(folder: string, now: number): void {
  for (const name of fs.readdirSync(folder)) {
    const file = path.join(folder, name);
    const found = fs.lstatSync(file, { throwIfNoEntry: false });
    if (found && Math.abs(now - found.mtimeMs) > TICKET_MS) fs.rmSync(file, { force: true, recursive: true });
  }
}

/** The name that a file has while one process reads it: whoever gets to rename it has the ticket. */
function takenAway(file: string): string | undefined {
  const taken = `${file}.${randomUUID()}.taken`;
  try {
    fs.renameSync(file, taken);
    return taken;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The tickets of a home. Throws STORE_ERROR where something else stands in the place of its folders, such as a link. */
export function ticketFilesOf(home: string, now = () => Date.now()): TicketFiles {
  const desk = path.join(home, 'desk');
  const folder = path.join(desk, 'tickets');
  const fileOf = (ticket: string) => path.join(folder, `${createHash('sha256').update(ticket).digest('hex')}.json`);
  return {
    issue(ticket) {
      for (const each of [home, desk, folder]) makeFolder(each);
      removeOld(folder, now());
      const text = randomBytes(32).toString('base64url');
      const kept: Ticket = { ...ticket, until: new Date(now() + TICKET_MS).toISOString() };
      // After a power cut nobody waits for it any more.
      replaceFile(fileOf(text), `${JSON.stringify(kept)}\n`, { isDurable: false });
      return text;
    },
    redeem(text) {
      if (!FORM.test(text) || !isFolder(desk) || !isFolder(folder)) return undefined;
      const taken = takenAway(fileOf(text));
      if (taken === undefined) return undefined;
      try {
        const ticket = parsed(readIfThere(taken));
        return ticket && now() < Date.parse(ticket.until) ? ticket : undefined;
      } finally {
        fs.rmSync(taken, { force: true });
      }
    },
  };
}
