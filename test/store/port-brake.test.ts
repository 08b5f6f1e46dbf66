import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/domain/state/events.ts';
import { SharedHome } from '../support/port.ts';

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const AT = '2026-03-01T10:00:00.000Z';
const on: Event = { type: 'brake_set', on: true, at: AT, by: 'sam', via: 'client', reason: 'A complaint' };

describe('the brake', () => {
  it('is off where nobody ever switched it', async () => {
    expect(await home.told((view) => view.brake())).toEqual({ on: false });
  });

  it('is told as it was switched last, with who, when, how and why', async () => {
    await home.write(on);
    const { type, at, ...told } = on;
    expect(await home.told((view) => view.brake())).toEqual({ ...told, since: at });
    expect(type).toBe('brake_set');
  });

  it('keeps no reason of an earlier switch', async () => {
    await home.write(on, { type: 'brake_set', on: false, at: AT, by: 'ann', via: 'human' });
    expect(await home.told((view) => view.brake())).toEqual({ on: false, since: AT, by: 'ann', via: 'human' });
  });

  it('remembers each time that it went on because the state was restored, whoever takes it off', async () => {
    const off: Event = { type: 'brake_set', on: false, at: AT, by: 'ann', via: 'human' };
    await home.write({ ...on, restored: 'back_1' }, off, { ...on, restored: 'back_2' }, off);
    expect(await home.told((view) => view.brake())).toMatchObject({ on: false, restored: ['back_1', 'back_2'] });
  });
});
