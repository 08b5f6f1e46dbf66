import { z } from 'zod';
import { conflict } from '../../domain/base/errors.ts';
import { decideChange } from '../../engine/changes/decide.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { acting, type DeskRoute } from '../entry/desk-route.ts';
import { changeShownAs } from '../queue/waiting-changes.ts';
import { assertionBody, pageProof } from './proven.ts';

const changeBody = z.strictObject({
  change_id: z.string(),
  binding: z.string(),
  nonce: z.string(),
  decision: z.enum(['approve', 'decline']),
  assertion: assertionBody.exactOptional(),
});

/** A person's word on a change that waits: `POST /desk/change`. */
export function changeRoutes(parts: DeskParts): DeskRoute[] {
  return [
    acting({
      path: '/change',
      scopes: ['agents:approve'],
      body: changeBody,
      async handle({ house, by, session, body: { change_id, binding, nonce, decision, assertion } }) {
        const signing = { decision, digests: [binding] };
        const proof = await pageProof(parts, { house, by, session }, assertion, signing);
        const why = parts.nonces.take(nonce, session, changeShownAs(change_id, binding));
        if (why !== undefined) throw conflict(`Nothing was decided: ${why}.`);
        const { told } = await decideChange(house, by, { change_id, binding, decision, ...proof });
        return { told };
      },
    }),
  ];
}
