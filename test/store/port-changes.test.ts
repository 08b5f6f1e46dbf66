import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/domain/state/events.ts';
import type { KeptCall, KeptChange } from '../../src/domain/state/kept-change.ts';
import { at, SharedHome } from '../support/port.ts';

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const asked = (id: string, call: KeptCall): Event => {
  const change: KeptChange = {
    ...{ id, call, what: [`what of ${id}`], before: {}, after: {}, agent_ids: [], base: 'nothing', grants: [] },
    ...{ asked_at: at(0), asked_by: 'test', lapses_at: at(100) },
  };
  return { type: 'change_asked', change };
};
const imports = (source: string): KeptCall => ({ tool: 'import_contacts', source, objections: { Unsubscribed: 3 } });
const closed = (change_id: string, outcome: 'approved' | 'declined' | 'lapsed', seconds = 1): Event => ({
  ...{ type: 'change_closed', change_id, outcome, at: at(seconds), what: [], agents: [] },
});
const waiting = () => home.told((view) => view.changes().map(({ id }) => id));
const permits = () => home.told((view) => [...view.permits()]);

describe('changes that wait', () => {
  it('are told whole, the oldest first, until they are closed', async () => {
    await home.write(asked('ch_1', imports('one')), asked('ch_2', { tool: 'delete_agent', agent_id: 'ag_test' }));
    expect(await home.told((view) => view.changes())).toMatchObject([
      { id: 'ch_1', call: imports('one'), what: ['what of ch_1'], lapses_at: at(100) },
      { id: 'ch_2' },
    ]);
    await home.write(closed('ch_1', 'declined'));
    expect(await waiting()).toEqual(['ch_2']);
    await home.write(closed('ch_2', 'lapsed'));
    expect(await waiting()).toEqual([]);
  });
});

describe('an import that a person allowed', () => {
  it('may be made until the change would have lapsed, and no more once it was made', async () => {
    await home.write(asked('ch_1', imports('one')), asked('ch_2', imports('two')), asked('ch_3', imports('three')));
    await home.write(closed('ch_1', 'approved'), closed('ch_2', 'declined'), closed('ch_3', 'lapsed'));
    expect(await permits()).toEqual([['one', at(100)]]);
    await home.write({ type: 'permit_used', source: 'one' });
    expect(await permits()).toEqual([]);
  });

  it('is none of any other change, and is forgotten once its time is up', async () => {
    await home.write(asked('ch_1', { tool: 'delete_agent', agent_id: 'ag_test' }), closed('ch_1', 'approved'));
    expect(await permits()).toEqual([]);
    await home.write(asked('ch_2', imports('two')), closed('ch_2', 'approved'));
    await home.write(asked('ch_3', imports('three')), closed('ch_3', 'approved', 101));
    expect(await permits()).toEqual([['three', at(100)]]);
  });
});
