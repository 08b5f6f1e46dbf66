import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/domain/base/config.ts';
import { AppError } from '../../src/domain/base/errors.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { Price } from '../../src/domain/base/usage.ts';
import { drawMoment, type Moment } from '../../src/engine/base/moment.ts';
import { guardStore } from '../../src/engine/gate/commit.ts';
import { afterRestoring } from '../../src/engine/review/restored.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

/** Deps whose clock goes on with each look, and which note what was read of the person's files, and what was logged. */
function livelyDeps() {
  let seconds = 0;
  const read: string[] = [];
  const logged: string[] = [];
  const config: Config = {
    file: 'config.json',
    mcpServers: new Map(),
    chatTools: [],
    allowHosts: [],
    desk: 'auto',
    mail: { bodies: false },
    oidc: { groups: new Map() },
    limits: {},
    notify: undefined,
  };
  const warn = (_fields: object, message: string) => void logged.push(message);
  const deps = {
    ...testDeps(),
    newId: createIds(() => new Date()),
    now: () => new Date(1_767_225_600_000 + ++seconds * 1_000),
    log: { ...testDeps().log, warn },
    config: () => {
      read.push('config');
      return { ...config };
    },
    prices: (): ReadonlyMap<string, Price> => {
      read.push('prices');
      return new Map();
    },
  };
  return { deps, read, logged };
}

const draw = ({ newId, newSalt }: Moment) => [newId('run'), newSalt(), newId('job'), newSalt()];

describe('a moment', () => {
  it('gives the same ids and salts in the same order after a restart, and others beyond them', () => {
    const { moment, restart } = drawMoment(livelyDeps().deps, 'proc_1');
    const first = draw(moment);
    expect(new Set(first).size).toBe(4);
    restart();
    expect(draw(moment)).toEqual(first);
    const beyond = draw(moment);
    expect(new Set([...first, ...beyond]).size).toBe(8);
    restart();
    expect([...draw(moment), ...draw(moment)]).toEqual([...first, ...beyond]);
  });

  it('gives ids of the kinds that are asked for, and salts of 16 bytes', () => {
    const { moment } = drawMoment(livelyDeps().deps, 'proc_1');
    const [run = '', salt = '', job = ''] = draw(moment);
    expect([run, job]).toEqual([expect.stringMatching(/^run_/), expect.stringMatching(/^job_/)]);
    expect(Buffer.from(salt, 'base64url')).toHaveLength(16);
  });

  it('stands still, and is another than the one before', () => {
    const { deps } = livelyDeps();
    const { moment, restart } = drawMoment(deps, 'proc_1');
    const { now, at, holder } = moment;
    expect([at, holder]).toEqual([now.toISOString(), 'proc_1']);
    restart();
    expect([moment.now, moment.at]).toEqual([now, at]);
    expect(drawMoment(deps, 'proc_1').moment.at > at).toBe(true);
  });

  it("reads the person's files when first asked, once, and the next moment reads them anew", () => {
    const { deps, read } = livelyDeps();
    const { moment, restart } = drawMoment(deps, 'proc_1');
    expect(read).toEqual([]);
    const found = [moment.config(), moment.prices()];
    restart();
    expect([moment.config(), moment.prices()]).toEqual(found);
    expect(moment.config()).toBe(found[0]);
    expect(read).toEqual(['config', 'prices']);
    drawMoment(deps, 'proc_1').moment.config();
    expect(read).toEqual(['config', 'prices', 'config']);
  });

  it('finds a file that it could not read as unreadable as before, though it was mended meanwhile', () => {
    let isMended = false;
    const prices = (): ReadonlyMap<string, Price> => {
      if (isMended) return new Map();
      throw new AppError('VALIDATION_ERROR', 'prices.json has a fault.');
    };
    const { moment, restart } = drawMoment({ ...livelyDeps().deps, prices }, 'proc_1');
    expect(() => moment.prices()).toThrow('prices.json has a fault.');
    isMended = true;
    restart();
    expect(() => moment.prices()).toThrow('prices.json has a fault.');
  });

  it('tells the log each line once, however often it is told', () => {
    const { deps, logged } = livelyDeps();
    const { moment, restart } = drawMoment(deps, 'proc_1');
    const tell = () => ['one', 'two'].map((line) => moment.log.warn({ of: 'config.json' }, line));
    tell();
    restart();
    tell();
    expect(logged).toEqual(['one', 'two']);
    drawMoment(deps, 'proc_1').moment.log.warn({ of: 'config.json' }, 'one');
    expect(logged).toEqual(['one', 'two', 'one']);
  });
});

describe('a look and a decision of the house', () => {
  it('come out the same when they run again, though they draw ids and salts and ask for the time', async () => {
    const { deps, read } = livelyDeps();
    const { read: look, commit } = guardStore(aStore(aHome(), deps), deps, {
      afterStepBack: afterRestoring,
      isReadOnly: false,
    });
    const tell = (moment: Moment) => ({ drawn: draw(moment), at: moment.at, hosts: moment.config().allowHosts });
    const looked = await look((_view, moment) => tell(moment));
    const decided = await commit('test', (_view, moment) => {
      const { drawn, at } = tell(moment);
      const used = { tool: 'test', key: 'k', digest: drawn[1] ?? '', id: drawn[0] ?? '', at };
      return { events: [{ type: 'key_used', ...used }], value: drawn };
    });
    expect(decided.some((id) => looked.drawn.includes(id))).toBe(false);
    expect(await look((view) => view.key('test', 'k'))).toMatchObject({ id: decided[0], digest: decided[1] });
    expect(read).toEqual(['config', 'config']);
  });
});
