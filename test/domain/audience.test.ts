import { describe, expect, it } from 'vitest';
import {
  type Belonging,
  belongingOf,
  isKnownTo,
  mayChangeAgent,
  ownedBy,
  seesAgent,
} from '../../src/domain/agents/audience.ts';
import type { Role } from '../../src/domain/base/author.ts';
import { aMember } from '../support/team.ts';

/** Who looks at whose agent: sees it, and may change it. */
const TABLE: [
  role: Role | 'stdio',
  who: string,
  visibility: Belonging['visibility'],
  sees: boolean,
  changes: boolean,
][] = [
  ['stdio', 'anybody', 'private', true, true],
  ['stdio', 'anybody', 'public', true, true],
  ['owner', 'another of the team', 'private', true, true],
  ['owner', 'another of the team', 'commercial', true, true],
  ['owner', 'another team', 'private', false, false],
  ['owner', 'another team', 'public', false, false],
  ['admin', 'another of the team', 'private', true, true],
  ['admin', 'another of the team', 'public', true, true],
  ['admin', 'another team', 'commercial', false, false],
  ['member', 'oneself', 'private', true, true],
  ['member', 'oneself', 'public', true, false],
  ['member', 'oneself', 'commercial', true, false],
  ['member', 'another of the team', 'private', false, false],
  ['member', 'another of the team', 'public', true, false],
  ['member', 'another of the team', 'commercial', true, false],
  ['member', 'another team', 'public', false, false],
  ['member', 'oneself, in another team', 'private', false, false],
];

const OWNERS: Record<string, Omit<Belonging, 'visibility'>> = {
  anybody: { owner: 'p_other', team: 7 },
  oneself: { owner: 'p_mia', team: 1 },
  'another of the team': { owner: 'p_other', team: 1 },
  'another team': { owner: 'p_other', team: 2 },
  'oneself, in another team': { owner: 'p_mia', team: 2 },
};

describe('who sees an agent', () => {
  it.each(TABLE)('%s: of %s, %s: sees %s, changes %s', (role, who, visibility, sees, changes) => {
    const viewer = role === 'stdio' ? undefined : aMember('p_mia', { role });
    const agent: Belonging = { owner: 'nobody', team: 0, ...OWNERS[who], visibility };
    expect([seesAgent(viewer, agent), mayChangeAgent(viewer, agent)]).toEqual([sees, changes]);
  });

  it('an agent of before there were teams is the home owner’s, in team 1', () => {
    expect(belongingOf({ visibility: 'private' })).toEqual({ owner: 'owner', team: 1, visibility: 'private' });
    expect(ownedBy({ user: 'maya' })).toEqual({ owner: 'owner', team: 1 });
    expect(ownedBy({ user: 'Mia', member: aMember('p_mia', { team: 3 }) })).toEqual({ owner: 'p_mia', team: 3 });
  });
});

describe('what of another agent may be told where an agent speaks', () => {
  const mine = { owner: 'p_mia', team: 1 };
  const theirs = { owner: 'p_max', team: 1 };
  const told: [string, Belonging, Belonging, boolean][] = [
    [
      'a private agent, of another private one of the same owner',
      { ...mine, visibility: 'private' },
      { ...mine, visibility: 'private' },
      true,
    ],
    [
      'a private agent, of a private one of another',
      { ...mine, visibility: 'private' },
      { ...theirs, visibility: 'private' },
      false,
    ],
    [
      'a private agent, of a public one of another',
      { ...mine, visibility: 'private' },
      { ...theirs, visibility: 'public' },
      true,
    ],
    [
      'a public agent, of a private one of the same owner',
      { ...mine, visibility: 'public' },
      { ...mine, visibility: 'private' },
      false,
    ],
    [
      'a public agent, of a commercial one',
      { ...mine, visibility: 'public' },
      { ...theirs, visibility: 'commercial' },
      true,
    ],
    [
      'a public agent, of a public one of another team',
      { ...mine, visibility: 'public' },
      { ...mine, team: 2, visibility: 'public' },
      false,
    ],
  ];
  it.each(told)('%s', (_name, one, other, isKnown) => {
    expect(isKnownTo(one, other)).toBe(isKnown);
  });

  it('nobody who sees an agent is told of one that they do not see', () => {
    const all: Belonging[] = ['private', 'public', 'commercial']
      .flatMap((visibility) =>
        [1, 2].flatMap((team) => ['p_mia', 'p_max'].map((owner) => ({ owner, team, visibility }) as const)),
      )
      .map((each) => ({
        ...each,
        visibility: each.visibility === 'public' ? 'public' : each.visibility === 'private' ? 'private' : 'commercial',
      }));
    const viewers = (['owner', 'admin', 'member'] as const).flatMap((role) =>
      [1, 2].flatMap((team) => ['p_mia', 'p_max', 'p_zoe'].map((id) => aMember(id, { role, team }))),
    );
    for (const one of all)
      for (const other of all.filter((each) => isKnownTo(one, each)))
        for (const viewer of viewers.filter((each) => seesAgent(each, one)))
          expect(seesAgent(viewer, other), JSON.stringify([viewer, one, other])).toBe(true);
  });
});
