import type { House } from '../base/house.ts';
import { lookIntoAll } from '../mail/mailboxes.ts';

const EVERY_MS = 180_000;
/** A look of another process counts as this round's, unless it is about as old as a round. */
const OLD_MS = 170_000;

/** Looks into the mailboxes now and every few minutes, without keeping the process alive. Gives the function that stops it. */
export function keepReadingMail(house: House): () => void {
  const once = () => {
    lookIntoAll(house, OLD_MS).catch((error: unknown) =>
      house.deps.log.warn({ error: String(error) }, 'mailboxes could not be looked at; it is tried again'),
    );
  };
  once();
  const timer = setInterval(once, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
