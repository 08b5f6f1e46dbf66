import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HttpPeer } from './http-peer.mjs';
import { Peer } from './peer.mjs';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SERVER = path.join(ROOT, 'dist', 'countersign.js');
const PEERS = path.join(ROOT, 'bench', 'node_modules', '@modelcontextprotocol');
export const LEADS = path.join(ROOT, '..', 'shared', 'data', 'leads.csv');
export const LEADS_MAPPING = { id: 'Prospect ID', do_not_email: 'Do Not Email' };

const made = [];

export function temporaryFolder(name) {
  const folder = mkdtempSync(path.join(os.tmpdir(), `countersign-bench-${name}-`));
  made.push(folder);
  return folder;
}

export function removeFolders() {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
}

export const countersign = (home, env = {}, program = SERVER) =>
  new Peer([program], { COUNTERSIGN_HOME: home, COUNTERSIGN_ALLOW_DIRS: path.dirname(LEADS), ...env });
export const echo = () => new Peer([path.join(ROOT, 'bench', 'echo-server.mjs')]);
export const echoOverHttp = () => new HttpPeer([path.join(ROOT, 'bench', 'echo-http.mjs')]);

/** A home that `countersign serve` serves; `token` is what its caller sends. */
export const serving = (home, { token, env = {}, program = SERVER } = {}) =>
  new HttpPeer([program, 'serve', '--port', '0'], { token, env: { COUNTERSIGN_HOME: home, ...env } });

/** Makes a token with every scope in a home. */
export function tokenIn(home) {
  const args = ['token', 'add', 'bench', '--scopes', 'read,write,trigger,approve'];
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, COUNTERSIGN_HOME: home };
  return execFileSync(process.execPath, [SERVER, ...args], { env, stdio: ['ignore', 'pipe', 'ignore'] })
    .toString()
    .trim();
}
export const memory = (file) =>
  new Peer([path.join(PEERS, 'server-memory', 'dist', 'index.js')], { MEMORY_FILE_PATH: file });
export const everything = () => new Peer([path.join(PEERS, 'server-everything', 'dist', 'index.js'), 'stdio']);

/** Runs the work on an initialized server, and ends the server afterwards. */
export async function using(peer, work) {
  try {
    await peer.initialize();
    return await work(peer);
  } finally {
    await peer.end();
  }
}

export const noteRules = [
  {
    name: 'all',
    propose: [{ type: 'note', params: { body: 'Call {{ contact.id }}: {{ contact.TotalVisits }} visits.' } }],
  },
];

/** The arguments that create the agent number `n`, where a figure needs thousands of like agents. */
export const agentArgs = (n) => ({ name: `Agent ${n}`, capabilities: ['notes'], playbook: { rules: noteRules } });
