import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const WORKER = new URL('./ticket-worker.ts', import.meta.url).pathname;

function aTaker(home: string, tickets: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', WORKER, home, ...tickets], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => String((await lines.next()).value);
  return { child, next };
}

/** Has several processes redeem the same tickets at the same time. Gives what each of them got. */
export async function takenAtOnce(home: string, tickets: readonly string[], processes: number): Promise<string[][]> {
  const takers = Array.from({ length: processes }, () => aTaker(home, tickets));
  for (const { next } of takers) await next();
  for (const { child } of takers) child.stdin.write('go\n');
  return Promise.all(
    takers.map(async ({ child, next }) => {
      const gone = once(child, 'exit');
      const got: unknown = JSON.parse(await next());
      await gone;
      return Array.isArray(got) ? got.map(String) : [];
    }),
  );
}
