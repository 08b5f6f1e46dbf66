// Installs real clients from npm, adds Countersign to each, and sees it list our tools: npm run test:clients [-- --only a,b]
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CLIENTS } from './table.mjs';

const PROGRAM = path.resolve('dist/countersign.js');
const MOST_MS = 120_000;
const { values } = parseArgs({ options: { only: { type: 'string' }, latest: { type: 'boolean' } } });

function demand(isSo, what) {
  if (!isSo) throw new Error(what);
}

function run(command, args, options) {
  return new Promise((resolve) => {
    const child = execFile(command, args, { ...options, timeout: MOST_MS, maxBuffer: 2 ** 26 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : (error.code ?? 1), text: `${out}${err}` }),
    );
    child.stdin?.end();
  });
}

/** A server on loopback that every request for a model goes to, and that has none. */
async function noModel() {
  const server = http.createServer((request, response) => {
    request.resume();
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end('{"error":{"message":"there is no model here","type":"invalid_request_error"}}');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** The names of the tools that a server said it has, in what it said to its client. */
function toolsIn(file) {
  const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n') : [];
  for (const line of lines) {
    try {
      const { tools } = JSON.parse(line).result ?? {};
      if (Array.isArray(tools)) return tools.map(({ name }) => name);
    } catch {
      // A line that isn't whole yet.
    }
  }
  return [];
}

/** Starts a client, waits until it has asked for the tools, and ends it and all that it started. */
async function asked(command, args, options, said) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (text += bytes));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const end = Date.now() + MOST_MS;
  while (toolsIn(said).length === 0 && child.exitCode === null && Date.now() < end) await pause(100);
  await Promise.race([ended, pause(2_000)]);
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
  return { tools: toolsIn(said), text };
}

function snapshot(home, files) {
  return files.map((file) => {
    const place = path.join(home, file);
    return fs.existsSync(place) ? fs.readFileSync(place, 'utf8') : undefined;
  });
}

/** The files below a folder of settings that speak of Countersign, but logs and backups of the client's own. */
async function traces(home, files) {
  return snapshot(home, files).flatMap((text, index) => (text?.includes('countersign') ? [files[index]] : []));
}

async function tryClient(id, client, { url }, root) {
  const folder = path.join(root, id);
  const [home, work, app] = ['home', 'work', 'app'].map((name) => path.join(folder, name));
  for (const each of [home, work, app]) fs.mkdirSync(each, { recursive: true });
  fs.writeFileSync(path.join(app, 'package.json'), '{"private": true}');
  const name = values.latest ? client.npm.replace(/@[^@/]+$/, '@latest') : client.npm;
  const npm = await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', name], { cwd: app });
  demand(npm.code === 0, `npm can't install ${name}: ${npm.text.slice(-500)}`);
  const before = client.before(url);
  const files = Object.keys(before);
  for (const file of files) {
    fs.mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
    fs.writeFileSync(path.join(home, file), before[file]);
  }
  const said = path.join(folder, 'said.jsonl');
  const recorder = path.join(folder, 'countersign.cjs');
  fs.copyFileSync('scripts/clients/recorder.cjs', recorder);
  fs.writeFileSync(path.join(folder, 'recorder.json'), JSON.stringify({ program: PROGRAM, said }));
  const env = { PATH: process.env.PATH, HOME: home, NO_COLOR: '1', CI: '1', ...client.env(url) };
  const options = { cwd: work, env };
  const own = async (verb) => {
    const { code, text } = await run(process.execPath, [recorder, verb, id], options);
    demand(code === 0, `countersign ${verb} ${id}: ${text}`);
  };
  await own('install');
  await own('uninstall');
  demand(JSON.stringify(snapshot(home, files)) === JSON.stringify(Object.values(before)), 'not taken back to the byte');
  await own('install');
  const bin = path.join(app, 'node_modules/.bin', client.bin);
  if (client.list !== undefined) {
    const { text } = await run(bin, client.list, options);
    demand(text.includes('countersign'), `${client.list.join(' ')} doesn't show countersign: ${text.slice(-500)}`);
  }
  for (const check of client.checks ?? []) {
    const { code, text } = await run(bin, check, { ...options, cwd: process.cwd() });
    demand(code === 0, `${check.join(' ')}: ${text.slice(-500)}`);
  }
  if (client.first !== undefined) await run(bin, client.first(url), options);
  const { tools, text } = await asked(bin, client.ask(url), options, said);
  demand(tools.length >= 30 && tools.includes('approve_action'), `it asked for no tools: ${text.slice(-500)}`);
  await own('uninstall');
  demand((await traces(home, files)).length === 0, `still there: ${(await traces(home, files)).join(', ')}`);
  return tools.length;
}

const only = values.only?.split(',') ?? Object.keys(CLIENTS);
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-clients-'));
const model = await noModel();
let failed = 0;
for (const id of only) {
  const start = Date.now();
  try {
    const count = await tryClient(id, CLIENTS[id], model, root);
    console.log(`ok      ${id}: lists ${count} tools, ${Math.round((Date.now() - start) / 1000)} s`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${id}: ${error.message}`);
  }
  fs.rmSync(path.join(root, id), { recursive: true, force: true, maxRetries: 5 });
}
model.close();
fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 });
console.log(`${only.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
