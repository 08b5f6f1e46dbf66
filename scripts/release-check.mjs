// Packs the package as npm would publish it, and proves that it runs where nothing else is: npm run release:check
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-release-'));
const folder = (name) => {
  fs.mkdirSync(path.join(root, name), { recursive: true });
  return path.join(root, name);
};
const env = { PATH: process.env.PATH, HOME: folder('person'), npm_config_cache: folder('cache'), NO_COLOR: '1' };

function demand(isSo, what) {
  if (!isSo) throw new Error(what);
}

function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    execFile(command, args, { env, maxBuffer: 2 ** 26, ...options }, (error, out, err) =>
      error === null ? resolve(out) : reject(new Error(`${command} ${args.join(' ')}: ${err || error.message}`)),
    );
  });
}

/** Speaks with a server as a client does, and gives the names of its tools. Nothing but the protocol may come. */
function toolsOf(command, args, cwd) {
  const server = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  const line = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const clientInfo = { name: 'release-check', version: '1' };
  line({ id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } });
  line({ method: 'notifications/initialized' });
  line({ id: 2, method: 'tools/list' });
  return new Promise((resolve, reject) => {
    let text = '';
    server.stdout.on('data', (bytes) => {
      text += bytes;
      const answers = text
        .split('\n')
        .slice(0, -1)
        .map((each) => JSON.parse(each));
      const tools = answers.find(({ id }) => id === 2)?.result.tools;
      if (tools === undefined) return;
      server.stdin.end();
      resolve(tools.map(({ name }) => name));
    });
    server.on('exit', (code) => reject(new Error(`${command} ended with ${code} before it listed its tools`)));
  });
}

const NOT_PUBLISHED =
  /^(src|test|tools|scripts|bench|panel|sample|node_modules|\.)|\.(ts|mjs|tgz|cache|map)$|^(CONTRIBUTING|ARCHITECTURE|tsconfig|biome|vitest|package-lock)/;

async function check() {
  const before = fs.readFileSync('package.json', 'utf8');
  await run('npm', ['pack', '--pack-destination', root, '--loglevel=error'], { env: process.env });
  demand(fs.readFileSync('package.json', 'utf8') === before, 'npm pack left another package.json behind');
  const [tarball] = fs.readdirSync(root).filter((name) => name.endsWith('.tgz'));
  const file = path.join(root, tarball);
  await run('tar', ['-xzf', file, '-C', folder('unpacked')]);
  const unpacked = path.join(root, 'unpacked/package');
  const files = fs
    .readdirSync(unpacked, { recursive: true })
    .filter((name) => fs.statSync(path.join(unpacked, name)).isFile());
  const wrong = files.filter((name) => NOT_PUBLISHED.test(name));
  demand(wrong.length === 0, `files of development are in it: ${wrong.join(', ')}`);
  for (const name of ['package.json', 'README.md', 'LICENSE', 'dist/countersign.js', 'dist/THIRD-PARTY-NOTICES'])
    demand(files.includes(name), `${name} isn't in it`);
  const { version, ...published } = JSON.parse(fs.readFileSync(path.join(unpacked, 'package.json'), 'utf8'));
  for (const key of ['scripts', 'dependencies', 'devDependencies', 'private'])
    demand(!(key in published), `its package.json has ${key}`);
  console.log(
    `${tarball}: ${files.length} files, ${Math.round(fs.statSync(file).size / 1024)} kB, no packages, no scripts`,
  );

  const empty = folder('empty');
  // npx takes an absolute path for a program, and a relative one for a package.
  const spec = `../${tarball}`;
  const said = await run('npx', ['-y', spec, '--version'], { cwd: empty });
  demand(said.trim() === version, `npx says "${said.trim()}", not ${version}`);
  const byNpx = await toolsOf('npx', ['-y', spec], empty);
  demand(byNpx.includes('approve_action'), 'by npx it lists no approve_action');
  await run('npx', ['-y', spec, 'install', 'cursor'], { cwd: empty });
  const { args } = JSON.parse(fs.readFileSync(path.join(env.HOME, '.cursor/mcp.json'), 'utf8')).mcpServers.countersign;
  fs.rmSync(env.npm_config_cache, { recursive: true });
  demand(
    (await toolsOf(process.execPath, args, empty)).length === byNpx.length,
    'installed by npx it ends with its cache',
  );
  console.log(`npx -y: ${byNpx.length} tools from an empty folder; what it installs outlasts npm's cache`);

  const prefix = folder('global');
  await run('npm', ['install', '-g', '--prefix', prefix, '--loglevel=error', file], { cwd: empty });
  const bin = path.join(prefix, process.platform === 'win32' ? 'countersign.cmd' : 'bin/countersign');
  demand((await toolsOf(bin, [], empty)).length === byNpx.length, 'installed with -g it lists other tools');
  demand(fs.readdirSync(empty).length === 0, 'it wrote into the folder where it was started');
  console.log('npm install -g: the same');
  if (before.includes('OWNER')) console.log('Before you publish: set OWNER (CONTRIBUTING.md, "Publishing").');
}

try {
  await check();
} finally {
  fs.rmSync(root, { recursive: true, force: true, maxRetries: 5 });
}
