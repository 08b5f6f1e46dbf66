import { z } from 'zod';
import { conflict } from '../../domain/base/errors.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { House } from '../../engine/base/house.ts';
import { locate } from '../../engine/review/locate.ts';
import { settleAction } from '../../engine/review/settle.ts';
import { revise } from '../../engine/runs/revise.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { acting, type DeskRoute } from '../entry/desk-route.ts';
import { shownAs } from '../queue/row-to-decide.ts';
import { assertionBody, pageProof } from './proven.ts';
import { refBody, typedWords } from './refs.ts';

/** A model's new draft is waited for so long within the call. */
const WAIT_SECONDS = 5;

const shownRowBody = { ref: refBody, digest: z.string(), nonce: z.string() };
const settleBody = z.strictObject({
  ...shownRowBody,
  outcome: z.enum(['sent', 'not_sent', 'retry']),
  note: typedWords.exactOptional(),
  assertion: assertionBody.exactOptional(),
});
const reviseBody = z.strictObject({
  ...shownRowBody,
  feedback: typedWords.regex(/\S/, 'how you want it, in words'),
});

/** Refuses a word on a row that isn't as the page was shown it, or was shown too long ago: CONFLICT. */
async function demandShown(house: House, ref: ActionRef, digest: string, why: string | undefined): Promise<void> {
  if (why !== undefined) throw conflict(`Nothing was decided: ${why}.`);
  const { found, status, by } = await house.read((view) => {
    const { action, digest } = locate(view, ref);
    return { found: digest, status: action.status, by: action.decided_by };
  });
  if (found === digest) return;
  const who = by === undefined ? '' : `, by ${by}`;
  throw conflict(
    `Nothing was decided: it changed since it was shown, and is ${status.replaceAll('_', ' ')} now${who}.`,
    {
      status,
      ...(by === undefined ? {} : { decided_by: by }),
    },
  );
}

/** What came of an attempt, and sending a draft back. */
export function settleRoutes(parts: DeskParts): DeskRoute[] {
  const { nonces } = parts;
  return [
    acting({
      path: '/settle',
      scopes: ['agents:approve'],
      body: settleBody,
      async handle({ house, by, session, body: { ref, digest, nonce, outcome, note, assertion } }) {
        const signing = { decision: outcome, digests: [digest] };
        const proof = await pageProof(parts, { house, by, session }, assertion, signing);
        await demandShown(house, ref, digest, nonces.take(nonce, session, shownAs(ref, digest)));
        const said = { outcome, note, expected_digest: digest, handsOver: true, ...proof };
        return { action: await settleAction(house, by, { ...ref, ...said }) };
      },
    }),
    acting({
      path: '/revise',
      scopes: ['agents:approve'],
      body: reviseBody,
      async handle({ house, by, session, signal, body: { ref, digest, nonce, feedback } }) {
        await demandShown(house, ref, digest, nonces.take(nonce, session, shownAs(ref, digest)));
        const said = { feedback, expected_digest: digest, via: 'human' as const, handsOver: true };
        const { action } = await revise(house, by, { ...ref, ...said }, { seconds: WAIT_SECONDS, signal });
        return { action };
      },
    }),
  ];
}
