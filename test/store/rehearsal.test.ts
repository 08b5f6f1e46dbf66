import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import { twice } from '../../src/store/rehearsal.ts';
import type { Store } from '../../src/store/store.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';
import { saved } from '../support/writes.ts';

const FOUND_OUT = 'came out differently when it ran again';

describe('work that is done twice', () => {
  it('gives what it comes to, where that is the same both times', () => {
    expect(twice(() => ({ events: [{ at: new Date(0) }], value: new Map([['a', [1]]]) }))).toEqual({
      events: [{ at: new Date(0) }],
      value: new Map([['a', [1]]]),
    });
    expect(twice(() => undefined)).toBeUndefined();
  });

  it('is found out where it draws an id, and named', () => {
    const newId = createIds(() => new Date());
    expect(() => twice(() => ({ id: newId('run') }))).toThrow(FOUND_OUT);
    expect(() => twice(() => ({ id: newId('run') }))).toThrow('id: newId(');
  });

  it('is found out where it reads a clock', () => {
    let now = 0;
    const clock = { now: () => new Date(++now) };
    expect(() => twice(() => ({ value: clock.now() }))).toThrow(FOUND_OUT);
  });

  it('is found out where it has an effect on a list and tells of it', () => {
    const list: string[] = [];
    expect(() => twice(() => list.push('more'))).toThrow(FOUND_OUT);
  });

  it('is found out where it refuses once only', () => {
    let tries = 0;
    const refusing = () => {
      if (tries++ === 0) throw new AppError('CONFLICT', 'Not yet.');
      return 'well';
    };
    expect(() => twice(refusing)).toThrow(FOUND_OUT);
  });

  it('passes a refusal on that is the same both times', () => {
    const refusing = () =>
      twice(() => {
        throw new AppError('CONFLICT', 'It is over.', { status: 'done' });
      });
    expect(refusing).toThrow(AppError);
    expect(refusing).toThrow(
      expect.objectContaining({ code: 'CONFLICT', message: 'It is over.', details: { status: 'done' } }),
    );
  });

  it.each([
    ['words', (n: number) => new AppError('CONFLICT', `Not at ${n}.`)],
    ['code', (n: number) => new AppError(n === 1 ? 'CONFLICT' : 'NOT_FOUND', 'No.')],
    ['details', (n: number) => new AppError('CONFLICT', 'No.', { n })],
  ])('is found out where it refuses with other %s', (_what, refusal) => {
    let tries = 0;
    expect(() =>
      twice(() => {
        throw refusal(++tries);
      }),
    ).toThrow(FOUND_OUT);
  });

  it('passes a fault on as it is, the first time', () => {
    let tries = 0;
    const faulty = () =>
      twice(() => {
        throw new TypeError(`fault ${++tries}`);
      });
    expect(faulty).toThrow(new TypeError('fault 1'));
  });
});

describe('the store of every test', () => {
  let store: Store;
  beforeEach(() => {
    store = aStore(aHome(), testDeps());
  });

  it('looks twice, and finds out who should not', async () => {
    let looks = 0;
    await expect(store.read(() => ++looks)).rejects.toThrow(FOUND_OUT);
    expect(await store.read((view) => view.commits())).toBe(0);
  });

  it('decides twice, and writes nothing of who should not', async () => {
    let tries = 0;
    const deciding = store.commit('test', () => ({ events: [saved(`ct_${++tries}`)], value: undefined }));
    await expect(deciding).rejects.toThrow(FOUND_OUT);
    expect(await store.read((view) => view.commits())).toBe(0);
    await store.commit('test', () => ({ events: [saved('ct_1')], value: undefined }));
    expect(await store.read((view) => [view.commits(), view.contact('ct_1')?.id])).toEqual([1, 'ct_1']);
  });
});
