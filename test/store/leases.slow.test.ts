import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { temporaryHome } from '../support/server.ts';
import { quietStore } from '../support/verified.ts';

const WORKER = new URL('../support/lease-worker.ts', import.meta.url).pathname;
const OFTEN = { timeout: 60_000, interval: 50 };

/** A process whose loop doesn't turn, with a lease; `said` is what it has printed. */
async function blockedHolder(...more: string[]) {
  const home = temporaryHome();
  const goOn = path.join(home, '..', `${path.basename(home)}-go-on`);
  const child = spawn(process.execPath, ['--import', 'tsx', WORKER, home, goOn, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (piece) => {
    said += piece;
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
    fs.rmSync(goOn, { force: true });
  });
  await expect.poll(() => said, OFTEN).toContain('\n');
  const [holder = ''] = said.split('\n');
  const file = path.join(home, 'state', 'leases', holder);
  return {
    home,
    holder,
    said: () => said,
    age: () => Date.now() - renewedAt(file),
    renewed: () => renewedAt(file),
    goOn,
  };
}

function renewedAt(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

describe('a lease', () => {
  it('is renewed while the loop of its process does not turn, and is gone once the process ends', async () => {
    const { home, holder, said, renewed, goOn } = await blockedHolder();
    const other = quietStore(home);
    const times = new Set<number>();
    await expect
      .poll(() => {
        times.add(renewed());
        return times.size;
      }, OFTEN)
      .toBe(4);
    expect(said()).not.toContain('free');
    expect(await other.read((view) => [view.isAlive(holder), view.hasLeft(holder)])).toEqual([true, false]);
    fs.writeFileSync(goOn, '');
    await expect.poll(() => other.read((view) => view.hasLeft(holder)), OFTEN).toBe(true);
    await other.close();
  });

  it('ends for a process that hangs for longer than anything takes', async () => {
    const { home, holder, said, age, goOn } = await blockedHolder('1000');
    const other = quietStore(home);
    // Renewed every 50 ms, it would never be a second and a half old.
    await expect.poll(age, OFTEN).toBeGreaterThan(1_500);
    expect(said()).not.toContain('free');
    expect(await other.read((view) => view.hasLeft(holder))).toBe(false);
    fs.writeFileSync(goOn, '');
    await other.close();
  });
});
