import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { splitLines } from '../../src/store/log/commit.ts';
import { EACH_IN_TURN, reportDeaths, stepOf } from '../support/every.ts';
import type { Fault } from '../support/faulty-disk.ts';
import { aHome } from '../support/fixtures.ts';
import type { LifeOptions } from '../support/life-worker.ts';
import { isStopped, startLife, until } from '../support/lives.ts';
import { CLEAN, verdictOn } from '../support/verified.ts';

const SMALL = { segmentBytes: 4_000, saveAfterMs: 1, smallBytes: 500, memoryBytes: 10_000 };

/** A fresh home, and how processes live in it. */
function anEmptyHome() {
  const home = aHome();
  const acknowledged: string[] = [];
  const life = (options: Omit<LifeOptions, 'home' | 'tuning'>) => startLife({ home, tuning: SMALL, ...options });
  /** A whole life, from its first change to its last or its death. */
  const lived = async (options: Omit<LifeOptions, 'home' | 'tuning'>) => {
    const end = await life(options).ended;
    acknowledged.push(...end.acknowledged);
    return end;
  };
  return { home, acknowledged, life, lived };
}

function linesOfLog(home: string): number {
  const log = path.join(home, 'log');
  const texts = fs.readdirSync(log).map((name) => fs.readFileSync(path.join(log, name)));
  return texts.reduce((sum, text) => sum + splitLines(text).lines.length, 0);
}

const leftHalfWritten = (home: string) => fs.readdirSync(path.join(home, 'state', 'tmp')).length;

describe('a process that dies', () => {
  it('at any operation on snapshots leaves a home that tells all that was acknowledged', EACH_IN_TURN, async () => {
    const { home, acknowledged, lived } = anEmptyHome();
    const { said } = await lived({
      name: 'whole',
      seed: 1,
      count: 10,
      fault: { at: -1, what: 'kill', within: '/state/' },
    });
    const operations = Number(/operations (\d+)/.exec(said)?.[1]);
    expect(operations).toBeGreaterThan(30);
    let halfWritten = 0;
    let deaths = 0;
    for (let at = 1, i = 0; at < operations; at += stepOf(Math.ceil(operations / 12)), i++) {
      const fault: Fault = { at, what: i % 2 === 0 ? 'kill' : 'half', within: '/state/' };
      const { isKilled } = await lived({ name: `dies${at}`, seed: at, count: 10, fault });
      if (isKilled) deaths += 1;
      // An erasure removes half-written files, so the highest number counts.
      halfWritten = Math.max(halfWritten, leftHalfWritten(home));
    }
    reportDeaths(deaths);
    expect(halfWritten).toBeGreaterThan(0);
    expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
  });

  it('at any operation on the log leaves every commit whole or uncounted', async () => {
    const { home, acknowledged, lived } = anEmptyHome();
    for (let at = 1; at <= 14; at++) {
      const fault: Fault = { at, what: at % 2 === 0 ? 'half' : 'kill', within: '/log/' };
      const { isKilled } = await lived({ name: `dies${at}`, seed: at, count: 8, fault });
      expect(isKilled).toBe(true);
    }
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
  });
});

describe('a process whose disk fails it', () => {
  it.each(['ENOSPC', 'EIO', 'short'] as const)('with %s says so, and goes on once it can', async (what) => {
    const { home, acknowledged, lived } = anEmptyHome();
    for (const [within, step] of [
      ['/log/', 3],
      ['/state/', 40],
    ] as const) {
      for (let at = 2; at < 4 * step; at += step) {
        const { said, acknowledged: kept } = await lived({
          name: `${at}${within}`,
          seed: at,
          count: 12,
          fault: { at, what, within },
        });
        // A snapshot that fails loses nothing, since the log has everything. Only a change that could not be written is
        // refused.
        expect(12 - kept.length).toBeLessThanOrEqual(within === '/log/' ? 1 : 0);
        if (kept.length < 12) expect(said).toMatch(/disk is full|did not confirm|Writing failed/);
      }
    }
    expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
  });
});

describe('a process that froze in the middle of a write', () => {
  it('finds its segment sealed: its late line counts for nothing, and it decides again', async () => {
    const { home, acknowledged, life, lived } = anEmptyHome();
    await lived({ name: 'before', seed: 1, count: 5 });
    // Three operations open the segment, two write and sync a commit. The sixth is the write of the next commit.
    const frozen = life({ name: 'frozen', seed: 2, count: 6, fault: { at: 6, what: 'freeze', within: '/log/' } });
    await until(() => isStopped(frozen.child.pid));
    // This process erases nobody, because an erasure would drop the late line from the segment.
    await lived({ name: 'other', seed: 4, count: 40 });
    const lines = linesOfLog(home);
    frozen.child.kill('SIGCONT');
    const { acknowledged: late } = await frozen.ended;
    acknowledged.push(...late);
    expect(late).toHaveLength(6);
    const verdict = await verdictOn(home, acknowledged);
    expect(verdict).toMatchObject(CLEAN);
    // After it woke, the process wrote five commits that it acknowledged, and one line that lost its race.
    expect(linesOfLog(home) - lines).toBeGreaterThan(5);
    expect(linesOfLog(home)).toBeGreaterThan(verdict.commits);
  });
});
