import { z } from 'zod';
import { conflict, invalid } from '../../domain/base/errors.ts';
import { BRAKE_DIGEST } from '../../domain/signed/claims.ts';
import type { House } from '../../engine/base/house.ts';
import { LONGEST_REASON, readBrake, setBrake, waitingLines } from '../../engine/review/set-brake.ts';
import { resumeWork } from '../../engine/upkeep/recovery.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { acting, type DeskRoute, looking } from '../entry/desk-route.ts';
import { assertionBody, demandMoreThanClick, pageProof } from '../routes/proven.ts';
import { demandAllOf } from './scopes.ts';

const brakeBody = z.strictObject({
  on: z.boolean(),
  reason: z.string().max(LONGEST_REASON).exactOptional(),
  nonce: z.string().exactOptional(),
  assertion: assertionBody.exactOptional(),
});
const INSTEAD = 'sign it with your passkey, or run `countersign resume` in a terminal of your own';

/** What a nonce of the brake is for: the brake as it was shown. */
async function brakeShownAs(house: House): Promise<string> {
  const { on, since = '' } = await readBrake(house);
  return JSON.stringify(['brake', on, since]);
}

/**
 * The brake: whoever may trigger or decide puts it on; taking it off needs the nonce of the brake as it was shown, and a
 * signature while whatever leaves the machine has to be signed.
 */
export function brakeRoutes(parts: DeskParts): DeskRoute[] {
  const { nonces } = parts;
  return [
    looking({
      path: '/brake',
      scopes: ['agents:read', 'agents:trigger', 'agents:approve'],
      query: z.strictObject({}),
      async handle({ house, session }) {
        const shown = await brakeShownAs(house);
        const { brake, lines } = await house.read((view) => ({ brake: view.brake(), lines: waitingLines(view) }));
        return {
          brake: await readBrake(house),
          ...(brake.on ? { lines } : {}),
          nonce: nonces.give(session, shown),
        };
      },
    }),
    acting({
      path: '/brake',
      scopes: ['agents:trigger', 'agents:approve'],
      body: brakeBody,
      async handle({ house, by, session, body: { on, reason, nonce, assertion } }) {
        if (on) return { brake: await setBrake(house, by, { on, reason, via: 'client' }) };
        demandAllOf(by, ['agents:approve']);
        if (nonce === undefined)
          throw invalid('Taking the brake off needs the nonce of GET /desk/brake.', { nonce: 'missing' });
        const signing = { decision: 'resume', digests: [BRAKE_DIGEST] };
        const proof = await pageProof(parts, { house, by, session }, assertion, signing);
        await demandMoreThanClick(house, proof, INSTEAD);
        const why = nonces.take(nonce, session, await brakeShownAs(house));
        if (why !== undefined) throw conflict(`The brake stays as it is: ${why}.`);
        const brake = await setBrake(house, by, { on, reason, ...proof });
        resumeWork(house);
        return { brake };
      },
    }),
  ];
}
