import { readFile, writeFile } from 'node:fs/promises';
import { PROMPTS } from '../src/mcp/prompts/index.ts';
import { TOOLS } from '../tools/index.ts';
import { manifestPrompt } from './manifest-prompts.ts';
import { withToolTable } from './readme-tools.ts';

await writeFile('README.md', withToolTable(await readFile('README.md', 'utf8')));
const manifest = JSON.parse(await readFile('manifest.json', 'utf8'));
manifest.prompts = PROMPTS.map(manifestPrompt);
manifest.tools = TOOLS.map(({ name, title }) => ({ name, description: title }));
await writeFile('manifest.json', `${JSON.stringify(manifest, null, 2)}\n`);
