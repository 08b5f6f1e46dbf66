import pg from 'pg';
import { expect, onTestFinished } from 'vitest';
import type { Event } from '../../../src/domain/state/events.ts';
import { aCommand, type CommandRun } from '../mover.ts';
import { databaseUrlOf } from './homes.ts';

/** A `countersign worker` that said that it is ready; `id` is the name under which it holds what it takes. */
export type Worker = CommandRun & { id: string; pid: number };

/** Starts a worker on a home's database. It is killed with the test. */
export async function startWorker(home: string, env: Record<string, string> = {}): Promise<Worker> {
  const { child, end } = aCommand(process.execPath, home, ['worker'], env);
  let told = '';
  child.stderr?.on('data', (bytes) => {
    told += bytes;
  });
  await expect.poll(() => told).toMatch(/worker proc_\w+ ready\n/);
  return { child, end, id: /worker (proc_\w+) ready/.exec(told)?.[1] ?? '', pid: child.pid ?? 0 };
}

/** The same, for one test. */
export async function aWorker(home: string, env: Record<string, string> = {}): Promise<Worker> {
  const worker = await startWorker(home, env);
  onTestFinished(async () => {
    worker.child.kill('SIGKILL');
    await worker.end;
  });
  return worker;
}

/** Every event of a home's log, with the process that wrote it, oldest first. */
async function eventsOf(home: string): Promise<{ by: string; event: Event }[]> {
  const client = new pg.Client({ connectionString: databaseUrlOf(home) });
  await client.connect();
  try {
    const { rows } = await client.query<{ line: string }>('select line from countersign.commits order by n');
    return rows.flatMap(({ line }) => {
      const { writer, events }: { writer: string; events: Event[] } = JSON.parse(line);
      return events.map((event) => ({ by: writer.replace(/\.\d+$/, ''), event }));
    });
  } finally {
    await client.end();
  }
}

/** Which contacts each process wrote a result of, in one run. A contact stands there as often as it got one. */
export async function evaluatedBy(home: string, runId: string): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const { by, event } of await eventsOf(home)) {
    if (event.type !== 'results_recorded' || event.run_id !== runId) continue;
    found.set(by, [...(found.get(by) ?? []), ...event.results.map(({ contact_id }) => contact_id)]);
  }
  return found;
}
