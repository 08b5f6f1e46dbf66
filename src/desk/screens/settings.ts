import { z } from 'zod';
import { AppError } from '../../domain/base/errors.ts';
import { VERSION } from '../../domain/base/version.ts';
import { ALL } from '../../domain/state/queries.ts';
import { listIdentities } from '../../engine/agents/identities.ts';
import { sendTestMail } from '../../engine/agents/test-mail.ts';
import { noticePlace, postTestNotice } from '../../engine/upkeep/notice-post.ts';
import { noticesState } from '../../engine/upkeep/notice-state.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { acting, type DeskRoute, looking } from '../entry/desk-route.ts';
import { demandAllOf, demandHead } from './scopes.ts';

/** Between two tests of the same thing lies this long at least. */
const TEST_GAP_MS = 10_000;

/** Refuses a test that follows too soon on the one before. */
function createPatience(now: () => Date): (what: string) => void {
  const last = new Map<string, number>();
  return (what) => {
    const since = now().getTime() - (last.get(what) ?? Number.NEGATIVE_INFINITY);
    if (since >= 0 && since < TEST_GAP_MS)
      throw new AppError('CONFLICT', 'A test went a moment ago. Wait ten seconds for another one.');
    last.set(what, now().getTime());
    const [oldest = ''] = last.keys();
    if (last.size > 1_000) last.delete(oldest);
  };
}

/** How the home is set up, and tests of what leaves it: a notice, an email to oneself. */
export function settingRoutes({ house: { deps }, home, link }: DeskParts): DeskRoute[] {
  const demandPatience = createPatience(deps.now);
  return [
    looking({
      path: '/settings',
      scopes: ['agents:read'],
      query: z.strictObject({}),
      async handle({ house, by }) {
        const { rows } = await listIdentities(house, { ...ALL, tokens: ALL.limit });
        const notices = await noticesState(house.store, house.deps);
        return {
          identities: rows,
          // Null: config.json names no place for notices.
          notices: notices ?? null,
          ...(by.member === undefined ? { home } : {}),
          ...{ version: VERSION, url: link() },
        };
      },
    }),
    acting({
      path: '/settings/test-notice',
      scopes: ['agents:write'],
      body: z.strictObject({}),
      async handle({ by }) {
        demandHead(by);
        const to = noticePlace(deps);
        if (to === undefined || 'problem' in to)
          throw new AppError(
            'PROVIDER_ERROR',
            to?.problem ?? 'config.json names no place for notices, under "notify".',
          );
        demandPatience('notice');
        const delivery = await postTestNotice(deps, to);
        if (delivery.outcome !== 'accepted') throw new AppError('PROVIDER_ERROR', delivery.message);
        return { sent: true, host: new URL(to.url).host, status: delivery.status };
      },
    }),
    acting({
      path: '/settings/test-mail',
      scopes: ['agents:approve'],
      body: z.strictObject({ identity_id: z.string() }),
      async handle({ house, by, body: { identity_id } }) {
        demandAllOf(by, ['agents:write', 'agents:approve']);
        demandPatience(`mail ${identity_id}`);
        return sendTestMail(house, identity_id);
      },
    }),
  ];
}
