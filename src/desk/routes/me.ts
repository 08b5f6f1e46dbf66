import { z } from 'zod';
import { mayAnyOf } from '../../domain/access/scopes.ts';
import type { Person, Scope } from '../../domain/base/author.ts';
import { VERSION } from '../../domain/base/version.ts';
import { passkeysOf } from '../../engine/passkeys/enrol.ts';
import { noticesState } from '../../engine/upkeep/notice-state.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { type DeskRoute, looking } from '../entry/desk-route.ts';

/** Who looks at the page, as the page shows it. */
function shownPerson({ user, member }: Person) {
  return { name: user, ...(member ? { role: member.role, team: member.team } : {}) };
}

/** Who looks at the page, and what they may do. */
export function meRoutes({ home, link }: DeskParts): DeskRoute[] {
  return [
    looking({
      path: '/me',
      scopes: [],
      query: z.strictObject({}),
      async handle({ house, by }) {
        const may = (scope: Scope) => mayAnyOf(by, [scope]);
        const isActing = !house.isReadOnly;
        return {
          person: shownPerson(by),
          may: {
            read: may('agents:read'),
            write: isActing && may('agents:write'),
            trigger: isActing && may('agents:trigger'),
            approve: isActing && may('agents:approve'),
          },
          // Where this machine keeps its files is nothing for those who sit elsewhere.
          home: by.member === undefined ? home : '',
          version: VERSION,
          url: link(),
          ...(await house.read((view) => passkeysOf(view, by))),
          notices: (await noticesState(house.store, house.deps)) ?? {},
        };
      },
    }),
  ];
}
