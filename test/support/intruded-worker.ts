import { AppError } from '../../src/domain/base/errors.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import { ALL } from '../../src/domain/state/queries.ts';
import { readConfig } from '../../src/files/config-file.ts';
import { createOutbox } from '../../src/files/outbox.ts';
import { readPrices } from '../../src/files/prices-file.ts';
import { aStore, contactsIn } from './store.ts';

/** What came of each use of a home: `ok`, or the code and the message of the refusal. */
export type Used = { home: string; came: Record<string, string> };

const quiet = () => undefined;
const now = () => new Date();
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** Uses a home in every way, one after the other. */
async function use(home: string): Promise<Used> {
  const came: Record<string, string> = {};
  const attempt = async (name: string, work: () => unknown) => {
    try {
      await work();
      came[name] = 'ok';
    } catch (error) {
      came[name] = error instanceof AppError ? `${error.code}: ${error.message}` : `crashed: ${error}`;
    }
  };
  const store = aStore(home, { now, newId: createIds(now), log });
  await attempt('read', () =>
    store.read((view) => [contactsIn(view), view.find.identities(ALL), view.agentFile('ag_1').versions]),
  );
  await attempt('write', () =>
    store.commit('test', () => ({
      events: [{ type: 'key_used', tool: 'test', key: 'after', digest: '', id: 'x', at: '2026-03-02T09:30:00.000Z' }],
      value: undefined,
    })),
  );
  await attempt('renew', () => store.renew());
  await attempt('keep', () => store.keep('rt_0123456789abc', 'value'));
  await attempt('take', () => store.take('rt_0123456789abc'));
  await attempt('secret', () => store.secret());
  await attempt('outbox', () => createOutbox(home).write('a.md', 'text'));
  await attempt('emptying the outbox', () => createOutbox(home).remove('ct_1'));
  await attempt('config', () => readConfig(home));
  await attempt('prices', () => readPrices(home));
  await attempt('close', () => store.close());
  const { faults } = await store.audit();
  came.audit = faults.length > 0 ? `STORE_ERROR: ${faults}` : 'ok';
  return { home, came };
}

for (const home of process.argv.slice(2)) process.stdout.write(`${JSON.stringify(await use(home))}\n`);
