import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EACH_IN_TURN, reportDeaths, stepOf } from '../support/every.ts';
import type { Fault } from '../support/faulty-disk.ts';
import { aHome } from '../support/fixtures.ts';
import { lapse } from '../support/lapse.ts';
import type { LifeOptions } from '../support/life-worker.ts';
import { isStopped, startLife, until } from '../support/lives.ts';
import { CLEAN, verdictOn } from '../support/verified.ts';

/** A home in which much has happened, and how more of it comes about. */
async function livedIn() {
  const home = aHome();
  const acknowledged: string[] = [];
  const life = (options: Omit<LifeOptions, 'home'>) =>
    startLife({ home, tuning: { segmentBytes: 6_000, saveAfterMs: 20 }, ...options });
  const lived = async (options: Omit<LifeOptions, 'home'>) => {
    const end = await life(options).ended;
    acknowledged.push(...end.acknowledged);
    return end;
  };
  await lived({ name: 'before', seed: 3, count: 80 });
  return { home, acknowledged, life, lived };
}

describe('an erasure', () => {
  it('is finished by the next process, wherever the first one died', EACH_IN_TURN, async () => {
    const { home, acknowledged, lived } = await livedIn();
    let deaths = 0;
    for (let at = 1; at < 200; at += stepOf(14)) {
      // Adds contacts, so that the next process has someone to erase.
      await lived({ name: `fills${at}`, seed: at, count: 12 });
      const fault: Fault = { at, what: at % 2 === 0 ? 'kill' : 'half' };
      const { isKilled } = await lived({ name: `dies${at}`, seed: at, count: 1, isErasing: true, fault });
      if (isKilled) deaths += 1;
      await lapse(home);
    }
    reportDeaths(deaths);
    expect(deaths).toBeGreaterThan(5);
    expect(acknowledged.length).toBeGreaterThan(80);
    expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
  });

  it('goes on among processes that write, erase, and freeze in the middle of it', async () => {
    const { home, acknowledged, life } = await livedIn();
    const freeze = (at: number): Fault => ({ at, what: 'freeze', within: '/log/' });
    const lives = [
      life({ name: 'writes', seed: 11, count: 60 }),
      life({ name: 'erases', seed: 12, count: 6, isErasing: true }),
      ...[4, 7, 11].map((at) => life({ name: `freezes${at}`, seed: at, count: 3, isErasing: true, fault: freeze(at) })),
    ];
    const wakes = setInterval(() => lives.map(({ child }) => child.kill('SIGCONT')), 400);
    const ends = await Promise.all(lives.map(({ ended }) => ended));
    clearInterval(wakes);
    expect(ends.map(({ said }) => said.replace(/operations \d+\n/, ''))).toEqual(lives.map(() => ''));
    acknowledged.push(...ends.flatMap((end) => end.acknowledged));
    expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
  });

  it('is taken over from a process that froze for longer than its lease, which then can do no harm', async () => {
    const { home, acknowledged, life, lived } = await livedIn();
    const fault: Fault = { at: 1, what: 'freeze', within: '/log/', only: 'renameSync' };
    const frozen = life({ name: 'frozen', seed: 5, count: 1, isErasing: true, fault });
    await until(() => isStopped(frozen.child.pid));
    await lapse(home);
    await lived({ name: 'other', seed: 6, count: 1, isErasing: true });
    const log = logOf(home);
    frozen.child.kill('SIGCONT');
    const { said } = await frozen.ended;
    expect(said).toMatch(/^operations/);
    expect(logOf(home)).toEqual(log);
    expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
  });
});

function logOf(folder: string): string[] {
  const log = path.join(folder, 'log');
  return fs.readdirSync(log).map((name) => `${name} ${fs.readFileSync(path.join(log, name), 'utf8')}`);
}
