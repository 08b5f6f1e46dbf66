import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import { expect, it } from 'vitest';
import { createAgent } from '../../src/engine/agents/save.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { createHouse } from '../../src/process/house.ts';
import { compiled } from '../support/compiled.ts';
import { aHome, NOW, testDeps } from '../support/fixtures.ts';
import { aStore, runsIn } from '../support/store.ts';

const PROCESSES = 4;
const TICKS = 200;

/** A process that looks at the schedules at each time it is given, and answers when it has looked. */
function startWorker(home: string) {
  const child = spawn(process.execPath, [compiled('schedule-worker'), home], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async at(time: string) {
      child.stdin.write(`${time}\n`);
      expect((await answers.next()).value).toBe(time);
    },
    async end() {
      child.stdin.end();
      await once(child, 'close');
    },
  };
}

it('makes one run for each of 200 ticks that 4 processes see at the same instant', async () => {
  const home = aHome();
  const store = aStore(home, testDeps());
  const house = createHouse(store, testDeps());
  await importContacts(house, 'test', { contacts: [{ id: 'a' }] });
  const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: '{{ now }}' } }] }];
  const monitoring = { schedule_cron: '* * * * *' };
  await createAgent(house, 'test', { name: 'Minutely', enabled: true, playbook: { rules }, monitoring });

  const workers = Array.from({ length: PROCESSES }, () => startWorker(home));
  const times = Array.from({ length: TICKS + 1 }, (_, i) => new Date(Date.parse(NOW) + i * 60_000).toISOString());
  for (const time of times) await Promise.all(workers.map((worker) => worker.at(time)));
  await Promise.all(workers.map((worker) => worker.end()));

  const runs = await store.read((view) => runsIn(view));
  await store.close();
  expect(runs.map((run) => run.scheduled_for)).toEqual(times.slice(1));
  expect(
    runs.filter((run) => run.catch_up || run.status !== 'completed' || run.summary.contacts_evaluated !== 1),
  ).toEqual([]);
});
