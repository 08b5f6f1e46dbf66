import { readFile, writeFile } from 'node:fs/promises';
import { PROMPTS } from '../src/mcp/prompts/index.ts';
import { TOOLS } from '../tools/index.ts';
import { manifestPrompt } from './manifest-prompts.ts';
import { PAGES, withTables } from './pages.ts';

for (const page of PAGES) await writeFile(page, withTables(page, await readFile(page, 'utf8')));
const manifest = JSON.parse(await readFile('manifest.json', 'utf8'));
manifest.prompts = PROMPTS.map(manifestPrompt);
manifest.tools = TOOLS.map(({ name, title }) => ({ name, description: title }));
await writeFile('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
