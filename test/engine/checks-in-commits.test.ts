import { expect, it } from 'vitest';
import { inProcess } from '../support/in-process.ts';

async function aCheck() {
  const { house } = inProcess();
  const check = await house.deps.schemas.checkOf({ type: 'string' });
  if (typeof check !== 'function') throw new Error(check.problem);
  return { house, check };
}

it('a decision that needs a check which nobody made waits for it, and is then made once', async () => {
  const { house, check } = await aCheck();
  const reason = await house.commit('tester', (_view, { at }) => {
    const misfit = check(1);
    return {
      events: [{ type: 'brake_set', on: true, at, by: 'tester', via: 'human', reason: String(misfit) }],
      value: misfit,
    };
  });
  expect(reason).toBe('must be string');
  expect(await house.read((view) => [view.brake().reason, view.commits()])).toEqual(['must be string', 1]);
});

it('a look may need several checks', async () => {
  const { house, check } = await aCheck();
  expect(await house.read(() => ['a', 1, 'b', null].map((value) => check(value)))).toEqual([
    undefined,
    'must be string',
    undefined,
    'must be string',
  ]);
});
