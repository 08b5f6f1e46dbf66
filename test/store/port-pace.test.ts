import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/domain/state/events.ts';
import { SharedHome } from '../support/port.ts';

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const sending = (at: string, identity_id = 'id_1'): Event => ({
  ...{ type: 'send_claimed', identity_id, at },
  day: at.slice(0, 10),
});

describe('what an identity has sent', () => {
  it('is nothing where it never sent', async () => {
    expect(await home.told((view) => view.sent('id_1') ?? null)).toBeNull();
  });

  it('is told as the last email and the count of its day, for each identity', async () => {
    const [one, two, next] = ['2026-03-01T10:00:00.000Z', '2026-03-01T10:00:20.000Z', '2026-03-02T10:00:00.000Z'];
    await home.write(sending(one), sending(two), sending(one, 'id_2'));
    expect(await home.told((view) => view.sent('id_1') ?? null)).toEqual({ last: two, day: '2026-03-01', count: 2 });
    await home.write(sending(next));
    expect(await home.told((view) => view.sent('id_1') ?? null)).toEqual({ last: next, day: '2026-03-02', count: 1 });
    expect(await home.told((view) => view.sent('id_2') ?? null)).toEqual({ last: one, day: '2026-03-01', count: 1 });
  });
});
