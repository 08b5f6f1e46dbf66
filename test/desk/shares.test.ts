import { expect, it } from 'vitest';
import { createNonces } from '../../src/desk/entry/nonces.ts';
import { createShares } from '../../src/desk/entry/shares.ts';

const pageOf = (id: string, person: string) => ({
  id,
  by: { user: person, member: { id: person, role: 'member' as const, team: 1, scopes: [] } },
});

it('what one of a team is shown counts on, however much another one asks for, on however many pages', () => {
  const nonces = createNonces(() => 0);
  const ann = pageOf('page', 'p_ann');
  const rows = Array.from({ length: 100 }, (_, at) => `row ${at}`);
  const given = rows.map((row) => [nonces.give(ann, row), row] as const);
  for (let at = 0; at < 60_000; at++) nonces.give(pageOf(`page ${at % 50}`, 'p_bob'), `edit ${at}`);
  const counted = given.filter(([nonce, row]) => nonces.take(nonce, ann, row) === undefined);
  expect(counted).toHaveLength(100);
});

it('nobody uses what another person, or another page of the same person, was shown', () => {
  const nonces = createNonces(() => 0);
  const nonce = nonces.give(pageOf('one', 'p_ann'), 'row');
  expect(nonces.take(nonce, pageOf('one', 'p_bob'), 'row')).toBeDefined();
  expect(nonces.take(nonce, pageOf('two', 'p_ann'), 'row')).toBeDefined();
  expect(nonces.take(nonce, pageOf('one', 'p_ann'), 'row')).toBeUndefined();
});

it('who keeps the most loses their oldest, and what is put again is the newest', () => {
  const lost: string[] = [];
  const shares = createShares<number>(4, (id) => lost.push(id));
  const [ann, bob] = [pageOf('one', 'p_ann'), pageOf('two', 'p_bob')];
  for (const id of ['a', 'b', 'c', 'a']) shares.put(bob, id, 1);
  shares.put(ann, 'x', 1);
  shares.put(ann, 'y', 1);
  expect(lost).toEqual(['b']);
  expect(shares.get(ann, 'x')).toBe(1);
  shares.drop(bob, 'c');
  shares.put(ann, 'z', 1);
  expect([lost, shares.get(bob, 'a'), shares.get(bob, 'c')]).toEqual([['b'], 1, undefined]);
});
