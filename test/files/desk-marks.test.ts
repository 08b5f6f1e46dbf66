import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { deskMarksOf } from '../../src/files/desk-marks.ts';

function aHome() {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'desk-marks-'));
  onTestFinished(() => fs.rmSync(home, { recursive: true }));
  return home;
}

describe('the marks of the desk', () => {
  it('give one turn a minute to open a browser, among all processes of a home', () => {
    const home = aHome();
    let now = 1_700_000_000_000;
    const [one, other] = [deskMarksOf(home, () => now), deskMarksOf(home, () => now)];
    expect([one.takeTurn(), other.takeTurn(), one.takeTurn()]).toEqual([true, false, false]);
    now += 59_999;
    expect(other.takeTurn()).toBe(false);
    now += 1;
    expect([other.takeTurn(), one.takeTurn()]).toEqual([true, false]);
  });

  it('give the turn to the next where no browser was opened, and where the clock was set back', () => {
    const home = aHome();
    let now = 1_700_000_000_000;
    const marks = deskMarksOf(home, () => now);
    expect(marks.takeTurn()).toBe(true);
    marks.returnTurn();
    expect(marks.takeTurn()).toBe(true);
    now -= 3_600_000;
    expect(marks.takeTurn()).toBe(true);
  });

  it('take what a file says that isn’t theirs for nothing', () => {
    const home = aHome();
    fs.mkdirSync(path.join(home, 'desk'));
    fs.writeFileSync(path.join(home, 'desk', 'opened'), 'spoilt');
    expect([deskMarksOf(home).takeTurn(), deskMarksOf(home).takeTurn()]).toEqual([true, false]);
    expect(fs.readdirSync(path.join(home, 'desk'))).toEqual(['opened']);
  });

  it('say that a page is open for as long as somebody says so again', () => {
    const home = aHome();
    let now = Date.now();
    const marks = deskMarksOf(home, () => now);
    expect(marks.hasPage()).toBe(false);
    marks.sayPage();
    expect(marks.hasPage()).toBe(true);
    now += 31_000;
    expect(marks.hasPage()).toBe(false);
    marks.sayPage();
    now = Date.now();
    expect(marks.hasPage()).toBe(true);
    marks.endPage();
    expect(marks.hasPage()).toBe(false);
  });

  it('are not written through a link in the place of their folder', () => {
    const [home, elsewhere] = [aHome(), aHome()];
    fs.symlinkSync(elsewhere, path.join(home, 'desk'));
    const marks = deskMarksOf(home);
    expect(() => marks.takeTurn()).toThrow('a symbolic link');
    expect(() => marks.sayPage()).toThrow('a symbolic link');
    expect(fs.readdirSync(elsewhere)).toEqual([]);
  });
});
