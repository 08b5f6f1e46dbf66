// npm run bench:store compares ways to write a log, and prints the table that bench/README.md shows.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { median } from '../measure.mjs';
import { WAYS } from './ways.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));
const COUNT = 500;
const ROUNDS = 3;
const KILLS = 10;

const made = mkdtempSync(path.join(os.tmpdir(), 'countersign-bench-store-'));
const folder = () => mkdtempSync(path.join(made, 'home-'));
process.env.BENCH_STORE = path.join(made, 'store.mjs');

function compile() {
  const contents =
    "export { createJsonStore } from './src/store/json/json-store.ts'; export { createIds } from './src/domain/base/ids.ts';";
  const stdin = { contents, resolveDir: ROOT, loader: 'ts' };
  buildSync({
    stdin,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    outfile: process.env.BENCH_STORE,
  });
}

/** Starts a process that counts up once `begin` is called. */
function start(name, home, writer, count) {
  const child = spawn(process.execPath, [WORKER, name, home, writer, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  const ready = new Promise((resolve) => child.stdout.once('data', resolve));
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const ended = new Promise((resolve) => child.once('close', () => resolve(text.split('\n'))));
  return { child, ready, begin: () => child.stdin.end('go\n'), ended };
}

const keysIn = (lines) => lines.filter((line) => line.startsWith('did ')).map((line) => line.slice(4));

/** Writers at the same time: their writes a second, and how many of the writes that they acknowledged are lost. */
async function sideBySide(name, writers, count) {
  const home = folder();
  const processes = Array.from({ length: writers }, (_, i) => start(name, home, `w${i}`, count));
  await Promise.all(processes.map(({ ready }) => ready));
  const began = performance.now();
  for (const { begin } of processes) begin();
  const lines = (await Promise.all(processes.map(({ ended }) => ended))).flat();
  const seconds = (performance.now() - began) / 1000;
  return { ...(await judged(name, home, keysIn(lines))), perSecond: keysIn(lines).length / seconds };
}

/** Two writers on one home, killed at a random moment, again and again: how many acknowledged writes are lost. */
async function killed(name) {
  const home = folder();
  const acknowledged = [];
  for (let round = 0; round < KILLS; round++) {
    const processes = [0, 1].map((i) => start(name, home, `k${round}${i}`, 10_000));
    await Promise.all(processes.map(({ ready }) => ready));
    for (const { begin } of processes) begin();
    await new Promise((resolve) => setTimeout(resolve, 40 + Math.random() * 160));
    for (const { child } of processes) child.kill('SIGKILL');
    acknowledged.push(...keysIn((await Promise.all(processes.map(({ ended }) => ended))).flat()));
  }
  return judged(name, home, acknowledged);
}

/** How many of the acknowledged writes are not in the home. */
async function judged(name, home, acknowledged) {
  try {
    const way = await WAYS[name](home);
    const { keys } = await way.read();
    await way.close?.();
    const there = new Set(keys);
    const lost = acknowledged.filter((key) => !there.has(key)).length;
    return { acknowledged: acknowledged.length, lost: `${lost} of ${acknowledged.length}` };
  } catch {
    return { acknowledged: acknowledged.length, lost: 'all: the file is corrupt' };
  }
}

/** The microseconds of one read where nothing has changed. */
async function unchangedRead(name) {
  const way = await WAYS[name](folder());
  await way.bump('a');
  const look = way.look ?? way.read;
  const times = [];
  for (let round = 0; round < 20; round++) {
    const began = performance.now();
    for (let i = 0; i < 20; i++) await look();
    times.push(((performance.now() - began) / 20) * 1000);
  }
  await way.close?.();
  return median(times);
}

/** The milliseconds to open a home and read in it, after so many commits of a process that has ended or was killed. */
async function opening(name, commits, isKilled) {
  const home = folder();
  const { child, ready, begin, ended } = start(name, home, 'w', isKilled ? 1_000_000 : commits);
  await ready;
  begin();
  if (isKilled) {
    let seen = 0;
    child.stdout.on('data', (chunk) => {
      seen += String(chunk).split('\n').length - 1;
      if (seen >= commits) child.kill('SIGKILL');
    });
  }
  await ended;
  const times = [];
  for (let round = 0; round < 9; round++) {
    const began = performance.now();
    const way = await WAYS[name](home);
    await (way.look ?? way.read)();
    times.push(performance.now() - began);
  }
  return median(times);
}

const short = (value) => (value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(1));

compile();
try {
  const [cpu] = os.cpus();
  console.log(`${os.cpus().length} x ${cpu?.model.trim()}, ${os.platform()}, Node ${process.versions.node}\n`);
  console.log('| way | writes a second, alone | by 4 processes | lost by 4 | lost by kills | an unchanged read |');
  console.log('|---|---|---|---|---|---|');
  for (const name of Object.keys(WAYS)) {
    const alone = [];
    const four = [];
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(await sideBySide(name, 1, COUNT));
      four.push(await sideBySide(name, 4, COUNT));
    }
    const [{ lost }] = four.sort((a, b) => Number.parseInt(b.lost, 10) - Number.parseInt(a.lost, 10));
    const speed = (runs) => short(median(runs.map(({ perSecond }) => perSecond)));
    const kills = await killed(name);
    const read = await unchangedRead(name);
    console.log(`| ${name} | ${speed(alone)} | ${speed(four)} | ${lost} | ${kills.lost} | ${short(read)} us |`);
  }
  const ours = Object.keys(WAYS).at(-1);
  for (const [commits, isKilled] of [
    [10, false],
    [1_000, false],
    [1_000, true],
  ]) {
    const ms = await opening(ours, commits, isKilled);
    console.log(`\nOpened after ${commits} commits${isKilled ? ', the writer killed' : ''}: ${short(ms)} ms`);
  }
} finally {
  rmSync(made, { recursive: true, force: true });
}
