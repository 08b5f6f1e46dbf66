// Installs real clients from npm, adds Countersign to each, and sees it list our tools: npm run test:clients [-- --only a,b]
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { aModel, CALLS } from './model.mjs';
import { endLeftOvers, installed, run, runUntil } from './processes.mjs';
import { CLIENTS } from './table.mjs';

const PROGRAM = path.resolve('dist/countersign.js');
/** What of an installation nothing may be left of in a file that the client wrote anew. */
const TRACES = ['countersign.cjs', 'COUNTERSIGN_', 'approve_action', 'toolAutoApprove'];
const { values } = parseArgs({ options: { only: { type: 'string' }, latest: { type: 'boolean' } } });

function demand(isSo, what) {
  if (!isSo) throw new Error(what);
}

/** The messages in a file that one side wrote line by line. */
function messagesIn(file) {
  const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n') : [];
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      // A line that isn't whole yet.
      return [];
    }
  });
}

/** The names of the tools that a server said it has, in what it said to its client. */
function toolsIn(file) {
  const lists = messagesIn(file).map(({ result }) => result?.tools);
  return (lists.find(Array.isArray) ?? []).map(({ name }) => name);
}

/** The names of the tools that a client called, in what it said to its server. */
function callsIn(file) {
  return messagesIn(file).flatMap(({ method, params }) => (method === 'tools/call' ? [params.name] : []));
}

/** Every file below a folder, by its path. */
function everything(folder) {
  const names = fs
    .readdirSync(folder, { recursive: true })
    .filter((name) => fs.lstatSync(path.join(folder, name)).isFile());
  return new Map(names.sort().map((name) => [name, fs.readFileSync(path.join(folder, name), 'utf8')]));
}

/** The names of files that differ between two looks at a folder. */
function changed(one, other) {
  return [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name));
}

/** Node by the folder of its program: this one where a client starts on it, else a newer one that npm brings. */
async function nodeFor({ engines = {} }, root) {
  const least = Number(/>=\s*(\d+)/.exec(engines.node ?? '')?.[1] ?? 0);
  if (Number(process.versions.node.split('.')[0]) >= least) return path.dirname(process.execPath);
  const folder = path.join(root, 'node24');
  if (!fs.existsSync(folder)) await installed('node@24', folder);
  return path.join(folder, 'node_modules/.bin');
}

/** The folders of one client: the home of somebody who has it, and who has settings of their own. */
async function aPerson(id, client, model, root) {
  const folder = path.join(root, id);
  const [home, work, app] = ['home', 'work', 'app'].map((name) => path.join(folder, name));
  for (const each of [home, work]) fs.mkdirSync(each, { recursive: true });
  const described = await installed(values.latest ? client.npm.replace(/@[^@/]+$/, '@latest') : client.npm, app);
  for (const [file, text] of Object.entries(client.before(model.url))) {
    fs.mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
    fs.writeFileSync(path.join(home, file), text);
  }
  const [said, heard, recorder] = ['said.jsonl', 'heard.jsonl', 'countersign.cjs'].map((name) =>
    path.join(folder, name),
  );
  fs.copyFileSync('scripts/clients/recorder.cjs', recorder);
  fs.writeFileSync(path.join(folder, 'recorder.json'), JSON.stringify({ program: PROGRAM, said, heard }));
  const PATH = `${await nodeFor(described, root)}${path.delimiter}${process.env.PATH}`;
  const options = { cwd: work, env: { PATH, HOME: home, NO_COLOR: '1', CI: '1', ...client.env(model.url) } };
  const own = async (...words) => {
    const { code, text } = await run(process.execPath, [recorder, ...words], options);
    demand(code === 0, `countersign ${words.join(' ')}: ${text}`);
    return text;
  };
  const bin = path.join(app, 'node_modules/.bin', client.bin);
  return { version: described.version, home, said, heard, options, own, bin };
}

/** Installs twice and takes out once: what is there is then what was there, to the byte. */
async function tryTakingBack(id, { home, own }) {
  const before = everything(home);
  await own('install', id);
  await own('install', id);
  await own('uninstall', id);
  const left = changed(before, everything(home));
  demand(left.length === 0, `not taken back to the byte: ${left.join(', ')}`);
}

async function tryLists(id, client, { own, bin, options }) {
  const doctor = await own('doctor');
  demand(/^client .*: installed as "countersign", home /m.test(doctor), `the doctor says otherwise: ${doctor}`);
  demand(!doctor.includes(`countersign install ${id}`), `the doctor warns of it: ${doctor}`);
  if (client.list !== undefined) {
    const { text } = await run(bin, client.list, options);
    demand(text.includes('countersign'), `${client.list.join(' ')} doesn't show countersign: ${text.slice(-500)}`);
  }
  for (const check of client.checks ?? []) {
    const { code, text } = await run(bin, check, { ...options, cwd: process.cwd() });
    demand(code === 0, `${check.join(' ')}: ${text.slice(-500)}`);
  }
}

/** Has the client start the server by its settings, with a model that wants to decide by itself. */
async function tryTools(client, { bin, options, said, heard }, model) {
  model.begin();
  if (client.first !== undefined) await run(bin, client.first(model.url), options);
  model.begin(() => toolsIn(said).length > 0);
  const isDone = () => toolsIn(said).length > 0 && (client.holds === undefined || model.isThrough());
  const text = await runUntil(isDone, bin, client.ask(model.url), options);
  const tools = toolsIn(said);
  demand(tools.length >= 30 && tools.includes('approve_action'), `it asked for no tools: ${text.slice(-500)}`);
  if (client.holds === undefined) return tools.length;
  const calls = callsIn(heard);
  demand(model.isThrough() || model.hasDecided(), `its model wasn't asked to the end: ${text.slice(-500)}`);
  const passed = client.holds === 'all' ? [] : [CALLS[0].tool];
  demand(String(calls) === String(passed), `it called ${calls.join(', ') || 'nothing'}: ${text.slice(-1000)}`);
  return tools.length;
}

async function tryClient(id, client, model, root) {
  const person = await aPerson(id, client, model, root);
  const { home, own, version } = person;
  await tryTakingBack(id, person);
  const before = everything(home);
  await own('install', id);
  const files = changed(before, everything(home)).filter((file) => !file.includes('.before-countersign'));
  const after = everything(home);
  await tryLists(id, client, person);
  const count = await tryTools(client, person, model);
  const since = everything(home);
  await own('uninstall', id);
  const now = everything(home);
  const traces = (text = '') => TRACES.filter((trace) => text.includes(trace)).join();
  const isBack = (file) =>
    since.get(file) === after.get(file)
      ? now.get(file) === before.get(file)
      : traces(now.get(file)) === traces(before.get(file));
  const left = files.filter((file) => !isBack(file));
  demand(left.length === 0, `still there: ${left.join(', ')}`);
  return `${version}, lists ${count} tools${client.holds ? `, holds back ${client.holds} calls` : ''}`;
}

const only = values.only?.split(',') ?? Object.keys(CLIENTS);
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-clients-'));
const model = await aModel();
let failed = 0;
for (const id of only) {
  const start = Date.now();
  try {
    const found = await tryClient(id, CLIENTS[id], model, root);
    console.log(`ok      ${id} ${found}, ${Math.round((Date.now() - start) / 1000)} s`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${id}: ${error.message}`);
  }
  endLeftOvers(path.join(root, id, 'home'));
  fs.rmSync(path.join(root, id), { recursive: true, force: true, maxRetries: 5 });
}
model.close();
fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 });
console.log(`${only.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
