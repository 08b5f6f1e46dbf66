import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAgent } from '../../src/engine/agents/save.ts';
import { importContacts } from '../../src/engine/contacts/import.ts';
import { approve } from '../../src/engine/review/approve.ts';
import { reject } from '../../src/engine/review/reject.ts';
import { waitForRun } from '../../src/engine/runs/read.ts';
import { trigger } from '../../src/engine/runs/trigger.ts';
import { createHouse } from '../../src/process/house.ts';
import { readLine, writeLine } from '../../src/store/log/commit.ts';
import { asShown } from '../support/as-shown.ts';
import { aHome, testDeps } from '../support/fixtures.ts';
import { aStore } from '../support/store.ts';

let home: string;

/** A home in which two things were decided: `p0` approved, `p1` rejected. */
beforeEach(async () => {
  home = aHome();
  const deps = testDeps(home);
  const house = createHouse(aStore(home, deps), deps);
  await importContacts(house, 'test', { contacts: [{ id: 'p0' }, { id: 'p1' }] });
  const rules = [{ name: 'all', propose: [{ type: 'note', params: { body: 'x' } }] }];
  const made = await createAgent(house, 'test', { name: 'A', capabilities: ['notes'], playbook: { rules } });
  const { id } = await trigger(house, 'test', { agent_id: String(made.agent.id) }, undefined);
  await waitForRun(house, id, 5);
  await approve(house, 'test', await asShown(house, { run_id: id, contact_id: 'p0', action_index: 0 }), 1);
  await reject(house, 'test', { run_id: id, contact_id: 'p1', action_index: 0 });
  await house.store.close();
});

async function audited() {
  const before = fs.readdirSync(home, { recursive: true });
  const audit = await aStore(home, testDeps(home)).audit();
  expect(fs.readdirSync(home, { recursive: true })).toEqual(before);
  return audit;
}

const log = () => path.join(home, 'log', '000000000001.jsonl');
const linesNumbered = () => fs.readFileSync(log(), 'utf8').split('\n').slice(0, -1);
const write = (lines: string[], end = '\n') => fs.writeFileSync(log(), `${lines.join('\n')}${end}`);

/** Alters a commit as someone would who knows how to write one: each line gets its digest and names the line before. */
function forge(from: string, alter: (events: string) => string): void {
  const lines = linesNumbered();
  const at = lines.findIndex((line) => line.includes(from));
  let prev: string | undefined;
  const forged = lines.map((line, index) => {
    const read = readLine(Buffer.from(line));
    if (!read || index < at) return line;
    const written = writeLine({
      ...read.commit,
      prev: prev ?? read.commit.prev,
      events: JSON.parse(alter(JSON.stringify(read.commit.events))),
    });
    prev = written.sha;
    return written.line;
  });
  write(forged);
}

describe('an audit of the log', () => {
  it('finds no fault in a whole log', async () => {
    const { faults, warnings, trail } = await audited();
    expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
    expect(trail.entries).toBe(2);
  });

  it('finds a single altered byte in any line', async () => {
    const lines = linesNumbered();
    for (const [index, line] of lines.entries()) {
      for (const at of [0, 6, Math.floor(line.length / 2), line.length - 5, line.length - 1]) {
        const byte = line[at] === '~' ? '!' : '~';
        write(lines.with(index, `${line.slice(0, at)}${byte}${line.slice(at + 1)}`));
        expect((await audited()).faults[0]).toContain(`${log()} line ${index + 1}`);
      }
    }
  });

  it.each([
    ['the newest line made to look spoilt', (lines: string[]) => lines.with(-1, `${lines.at(-1)?.slice(0, -1)}#`)],
    ['a line gone', (lines: string[]) => lines.toSpliced(2, 1)],
    ['the newest line gone', (lines: string[]) => lines.slice(0, -1)],
    ['two lines swapped', (lines: string[]) => lines.with(2, lines[3] ?? '').with(3, lines[2] ?? '')],
    ['a line emptied', (lines: string[]) => lines.with(3, '')],
  ])('finds %s', async (_what, spoil) => {
    write(spoil(linesNumbered()));
    expect((await audited()).faults.length).toBeGreaterThan(0);
  });

  it('finds no fault in what crashes and races leave behind', async () => {
    const lines = linesNumbered();
    write([...lines, '{"n":99,"prev":"x'], '');
    expect(await audited()).toMatchObject({ faults: [], warnings: [expect.stringContaining('cut short')] });
    const cut = (lines[3] ?? '').slice(0, 50);
    // A line that its next writer ended with "#", a line that its next writer went on in unawares, and one that lost a
    // race.
    write(lines.toSpliced(3, 0, `${cut}#`, `${cut}${lines[3]}`, lines[1] ?? ''));
    expect(await audited()).toMatchObject({ faults: [], warnings: [] });
  });

  it('warns of a newest commit that stands behind other bytes, and does not count it', async () => {
    const lines = linesNumbered();
    write(lines.with(-1, `\uFEFF${lines.at(-1)}`));
    fs.rmSync(path.join(home, 'state'), { recursive: true });
    expect(await audited()).toMatchObject({
      commits: lines.length - 1,
      warnings: [expect.stringContaining('set aside')],
    });
    const { faults, warnings } = await aStore(home, testDeps(home)).check();
    expect({ faults, warnings }).toEqual({ faults: [], warnings: [expect.stringContaining('set aside')] });
  });

  it('finds a segment under another name, a home of a newer version, and a log without its marker', async () => {
    fs.renameSync(log(), path.join(home, 'log', '000000000002.jsonl'));
    expect((await audited()).faults[0]).toContain('commit 1 should follow here');
    fs.writeFileSync(path.join(home, 'home.json'), '{"format": 3}');
    expect((await audited()).faults[0]).toContain('newer');
    fs.rmSync(path.join(home, 'home.json'));
    expect((await audited()).faults[0]).toContain('home.json is missing');
  });
});

describe('an audit of the decision log', () => {
  it.each([
    ['an entry', '"decision":"rejected"', '"decision":"approved"', 'was altered'],
    ['who decided', '"by":"test","via"', '"by":"mallory","via"', 'was altered'],
    ['whom it was about', '"personal":{"contact_id":"p1"', '"personal":{"contact_id":"p2"', 'the contact'],
    ['what was decided, but not its entry', '"to":"rejected"', '"to":"expired"', 'but its entries say'],
    ['an action that was decided', '"action_index":0,"agent_id"', '"action_index":1,"agent_id"', 'but its entries say'],
  ])('finds %s altered by someone who knows how to write a commit', async (_what, from, to, words) => {
    forge('"decision":"rejected"', (events) => events.replace(from, to));
    expect((await audited()).faults.join('\n')).toContain(words);
  });

  it('finds an entry that was removed, and one that lost its contact although no contact was deleted', async () => {
    forge('"decision":"rejected"', (events) => events.replace(/,\{"type":"decisions_recorded".*\]\}(?=\])/, ''));
    expect((await audited()).faults.join('\n')).toContain('but its entries say "nothing"');
    forge('"decision":"approved"', (events) => events.replace(/"personal":\{[^}]*\},/, ''));
    expect((await audited()).faults.join('\n')).toContain("doesn't say whom it was about");
  });

  it('counts decisions from before the decision log began', async () => {
    forge('"decision":"approved"', (events) => events.replace(/,\{"type":"decisions_recorded".*\]\}(?=\])/, ''));
    fs.rmSync(path.join(home, 'state'), { recursive: true });
    expect(await audited()).toMatchObject({ faults: [], trail: { entries: 0, earlier: 2 } });
  });

  it.each([
    ['a decision', 'decisions/000000000001.json', (text: string) => text.replace('"rejected"', '"approved"')],
    ['a contact', 'decisions/000000000001.json', (text: string) => text.replace('"p0"', '"p9"')],
    ['the number', 'decisions/000000000001.json', (text: string) => text.replace(/,\n\{"seq":2.*/, '')],
    ['the head', 'decisions.json', (text: string) => text.replace('"seq": 2', '"seq": 1')],
    ['the shape', 'decisions/000000000001.json', (text) => text.replace(/"data": [\s\S]*/, '"data": [null]}')],
    ['all bytes', 'decisions/000000000001.json', () => 'gone'],
  ])('finds the copy in state altered in %s; removing that file mends it', async (_what, name, alter) => {
    const file = path.join(home, 'state', name);
    const text = fs.readFileSync(file, 'utf8');
    expect(alter(text)).not.toBe(text);
    fs.writeFileSync(file, alter(text));
    expect((await audited()).faults.join('\n')).toContain(file);
    fs.rmSync(file);
    expect((await audited()).faults).toEqual([]);
  });
});
