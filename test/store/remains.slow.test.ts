import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { emptySummary, type Run } from '../../src/domain/runs/run.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { Rewritten } from '../../src/store/json/log/faults.ts';
import { CommitLog } from '../../src/store/json/log/log.ts';
import { readHead, splitLines, writeLine } from '../../src/store/log/commit.ts';
import type { Store } from '../../src/store/store.ts';
import { compiled } from '../support/compiled.ts';
import { aHome, anAgent } from '../support/fixtures.ts';
import { lapse } from '../support/lapse.ts';
import type { LifeOptions } from '../support/life-worker.ts';
import { isStopped, startLife, until } from '../support/lives.ts';
import { agentsIn, contactsIn, runsIn } from '../support/store.ts';
import { CLEAN, quietStore, verdictOn } from '../support/verified.ts';
import { whole } from '../support/whole.ts';
import { AT, ids, saved, write } from '../support/writes.ts';

const VERA = 'vera-8412';
const RUN: Run = {
  ...{ id: 'run_1', job_id: 'job_1', agent_id: 'ag_test', agent_version: 1, status: 'queued', trigger: 'manual' },
  ...{ dry_run: false, created_at: AT, created_by: 'test', summary: emptySummary() },
};

let home: string;
beforeEach(() => {
  home = aHome();
});

/** The files of the home that still hold one of these names. */
function traces(...names: string[]): string[] {
  const files = fs.readdirSync(home, { recursive: true, encoding: 'utf8' });
  return files.filter((name) => {
    const file = path.join(home, name);
    if (!fs.statSync(file).isFile()) return false;
    const text = fs.readFileSync(file, 'utf8');
    return names.some((traced) => text.includes(JSON.stringify(traced)));
  });
}

async function erase(store: Store): Promise<void> {
  await store.commit('test', (view) => {
    const stand_in = view.standIn(VERA, 'erased_1');
    return { events: [{ type: 'contact_deleted', contact_id: VERA, stand_in, run_ids: [] }], value: undefined };
  });
  expect(await store.forget('test')).toBe(true);
  await store.close();
}

/** Another process erases a contact while this one waits. */
function eraseElsewhere(): void {
  const options: LifeOptions = { home, name: 'other', seed: 1, count: 1, isErasing: true, tuning: { segmentBytes: 1 } };
  execFileSync(process.execPath, [compiled('life-worker'), JSON.stringify(options)], { stdio: 'ignore' });
}

describe('an erasure takes away', () => {
  it('lines about a person that a late writer left behind the end of a segment', async () => {
    const store = quietStore(home, { segmentBytes: 1 });
    await write(store, saved('noor'));
    await store.close();
    const file = path.join(home, 'log', '000000000001.jsonl');
    const prev = splitLines(fs.readFileSync(file)).lines.map(readHead)[0]?.sha ?? '';
    const late = { n: 2, prev, writer: 'late.1', at: AT, by: 'test', events: [saved(VERA)] };
    fs.appendFileSync(file, `${writeLine(late).line}\n`);
    const next = quietStore(home, { segmentBytes: 1 });
    await write(next, saved(VERA));
    await erase(next);
    expect(traces(VERA)).toEqual([]);
    expect(await verdictOn(home, [])).toMatchObject(CLEAN);
  });

  it("snapshots of a deleted agent's runs that a killed process left", async () => {
    const store = quietStore(home);
    const started = { run_id: RUN.id, agent_id: RUN.agent_id, at: AT, targets: [VERA] };
    await write(store, saved(VERA), { type: 'agent_saved', agent: anAgent() });
    await write(store, { type: 'run_created', run: RUN }, { type: 'run_started', ...started });
    await store.close();
    expect(traces(VERA)).toContain('state/runs/run_1.json');
    // This store is never closed, so it neither writes nor removes snapshots.
    await write(quietStore(home), { type: 'agent_deleted', agent_id: RUN.agent_id, run_ids: [RUN.id] });
    await erase(quietStore(home));
    expect(traces(VERA)).toEqual([]);
  });

  it('snapshots that a killed process had half written', async () => {
    const store = quietStore(home);
    await write(store, saved(VERA));
    await store.close();
    const half = path.join(home, 'state', 'tmp', 'half.tmp');
    fs.copyFileSync(path.join(home, 'state', 'contacts.json'), half);
    await erase(quietStore(home));
    expect(traces(VERA)).toEqual([]);
  });
});

describe('a process that reads while another one erases', () => {
  const open = () => quietStore(home, { segmentBytes: 1 });

  it('forgets the person too, where it next reads a segment that was rewritten already', async () => {
    const store = open();
    await write(store, saved('noor'), saved(VERA));
    const reader = open();
    expect(await ids(reader)).toEqual(['noor', VERA]);
    await erase(store);
    expect(await ids(reader)).toEqual(['noor']);
    await write(reader, saved(VERA, { firstname: 'Another' }));
    expect(await ids(reader)).toEqual(['noor', VERA]);
    await reader.close();
    expect(await verdictOn(home, [])).toMatchObject(CLEAN);
  });

  it('finds the rewritten segment again at each look', async () => {
    const store = quietStore(home);
    await ids(store);
    const log = new CommitLog(path.join(home, 'log'));
    log.open();
    for (const id of [VERA, 'noor']) await write(store, saved(id));
    await erase(store);
    for (let i = 0; i < 2; i++) expect(() => log.catchUp(() => undefined)).toThrow(Rewritten);
    log.close();
  });

  it('loses nothing that it writes right after the rewritten segment', async () => {
    const store = open();
    await write(store, saved('noor'), saved(VERA));
    const onlooker = open();
    await ids(onlooker);
    const late: Event[] = [saved('late'), { type: 'key_used', tool: 't', key: 'late', digest: '', id: 'late', at: AT }];
    let isErased = false;
    const known = await onlooker.commit('test', (view) => {
      const value = contactsIn(view).length;
      // Between this one's look at the log and its write.
      if (!isErased) eraseElsewhere();
      isErased = true;
      return { events: late, value };
    });
    // Decided again, over what the other one left.
    expect(known).toBe(1);
    expect(await ids(onlooker)).toEqual(await ids(open()));
    expect(await ids(onlooker)).toHaveLength(2);
    await Promise.all([store.close(), onlooker.close()]);
    expect(await verdictOn(home, ['late'])).toMatchObject(CLEAN);
  });
});

it.each([
  ['renameSync', 2],
  ['renameSync', 20],
  ['openSync', 2],
  ['openSync', 20],
] as const)('a process that slept at %s number %i of its snapshots brings no erased person back', async (only, at) => {
  const tuning = { segmentBytes: 6_000, saveAfterMs: 20 };
  const before = await startLife({ home, name: 'before', seed: 3, count: 80, tuning }).ended;
  const fault = { at, what: 'freeze' as const, within: '/state/tmp/', only };
  const frozen = startLife({ home, name: 'frozen', seed: 5, count: 20, tuning, fault });
  await until(() => isStopped(frozen.child.pid));
  await lapse(home);
  const store = quietStore(home);
  const known = await ids(store);
  const other = await startLife({ home, name: 'other', seed: 6, count: 12, isErasing: true, tuning }).ended;
  const left = new Set(await ids(store));
  frozen.child.kill('SIGCONT');
  const awake = await frozen.ended;
  await store.close();
  const gone = known.filter((id) => !left.has(id));
  expect(gone.length).toBeGreaterThan(6);
  expect(traces(...gone)).toEqual([]);
  const acknowledged = [before, other, awake].flatMap((end) => end.acknowledged);
  expect(await verdictOn(home, acknowledged)).toMatchObject(CLEAN);
});

it('an erasure that was cut short, in a home whose snapshots are gone, leaves no trace of stand-ins either', async () => {
  const tuning = { segmentBytes: 6_000, saveAfterMs: 20 };
  await startLife({ home, name: 'before', seed: 3, count: 120, tuning }).ended;
  const fault = { at: 11, what: 'kill' as const, within: '/log/', only: 'renameSync' };
  const { isKilled } = await startLife({ home, name: 'dies', seed: 4, count: 8, isErasing: true, tuning, fault }).ended;
  expect(isKilled).toBe(true);
  fs.rmSync(path.join(home, 'state'), { recursive: true });
  const store = quietStore(home);
  const told = await store.read((view) =>
    whole(
      view,
      [...runsIn(view), ...agentsIn(view)].map(({ id }) => id),
    ),
  );
  told.delete('erasures');
  expect([...told].filter(([, text]) => text.includes('erased_'))).toEqual([]);
  await store.close();
  expect(await verdictOn(home, [])).toMatchObject(CLEAN);
});
