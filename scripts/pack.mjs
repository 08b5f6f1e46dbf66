import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';

const STAGE = 'build/mcpb';

await rm(STAGE, { recursive: true, force: true });
await mkdir(STAGE, { recursive: true });
// Compiled code is left out of the bundle: only the Node that compiled it can use it, and nobody can read what it does.
const isCompiled = (file) => /\.cache(\.|$)/.test(file);
const { files } = JSON.parse(await readFile('package.json', 'utf8'));
// What a client reads of the bundle, and pages that those of the manual lead to.
const MORE = ['manifest.json', 'icon.png', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'bench/README.md'];
for (const part of [...files.filter((name) => !name.startsWith('!')), ...MORE])
  await cp(part, `${STAGE}/${part}`, { recursive: true, filter: (file) => !isCompiled(file) });
// The bundle needs no packages. Its package.json only says that the files beside it are ES modules.
await writeFile(`${STAGE}/package.json`, '{ "type": "module" }\n');
const mcpb = 'node_modules/@anthropic-ai/mcpb/dist/cli/cli.js';
execFileSync(process.execPath, [mcpb, 'validate', `${STAGE}/manifest.json`], { stdio: 'inherit' });
execFileSync(process.execPath, [mcpb, 'pack', STAGE, 'countersign.mcpb'], { stdio: 'inherit' });
