import { announceIt, canDecide, type DeskApp, refOfRow } from '../base/desk.ts';
import type { DecisionAnswer } from '../base/wire.ts';
import { hold, sayUndecided, signatureFor } from './decide.ts';
import { type ActionItem, contactNamed } from './items.ts';
import { nonceOf, tellFailure } from './load.ts';

export type Fate = 'sent' | 'not_sent' | 'retry';

const SAYS: Record<Fate, string> = { sent: 'Kept as sent', not_sent: 'Kept as not sent', retry: 'To be tried again' };

/** Says what came of an attempt whose outcome nobody knows, or has it tried again. */
export async function settle(desk: DeskApp, item: ActionItem, outcome: Fate): Promise<void> {
  if (!canDecide(desk)) return;
  const { row } = item;
  const { digest } = row;
  const ref = refOfRow(row);
  try {
    const prompt = { decision: outcome, rows: [{ ...ref, digest }] };
    const signature = await signatureFor(desk, prompt, outcome === 'retry');
    const says = `${SAYS[outcome]}: ${contactNamed(row)}`;
    hold(desk, [item.key], says, async () => {
      const nonce = await nonceOf(desk, row);
      await desk.ways.post<DecisionAnswer>('settle', { ref, digest, nonce, outcome, ...signature });
      return `${says}.`;
    });
  } catch (error) {
    sayUndecided(desk, error);
  }
}

/** Has the desk open in the person's browser, from a panel: what no tool decides is decided there. */
export async function askForDesk(desk: DeskApp): Promise<void> {
  try {
    const { next, url } = await desk.ways.post<{ next?: string; url: string }>('open', {});
    announceIt(desk, next ? `${next} ${url}` : 'The desk is open in your browser.');
  } catch (error) {
    tellFailure(desk, error);
  }
}

/** Sends a draft back to whoever proposed it, with what should be otherwise. */
export function sendBackDraft(desk: DeskApp, item: ActionItem, feedback: string): void {
  if (!canDecide(desk)) return;
  if (feedback.trim() === '') {
    announceIt(desk, 'Say how it should be instead.', true);
    return;
  }
  const { row } = item;
  hold(desk, [item.key], `Sent back: the draft to ${contactNamed(row)}`, async () => {
    const body = { ref: refOfRow(row), digest: row.digest, nonce: await nonceOf(desk, row), feedback };
    await desk.ways.post<DecisionAnswer>('revise', body);
    return 'Sent back. A new draft will wait here.';
  });
}
