import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withToolTable } from '../../scripts/readme-tools.ts';
import { PROMPTS } from '../../src/mcp/prompts/index.ts';
import { TOOLS } from '../../tools/index.ts';

const read = (name: string) => fs.readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

describe('the README', () => {
  it('lists the tools that there are', () => {
    expect(withToolTable(read('README.md'))).toBe(read('README.md'));
  });

  it('names the prompts and resources that there are', () => {
    const uris = TOOLS.flatMap((tool) => tool.resources.map((view) => view.uri));
    const missing = [...uris, ...PROMPTS.map((prompt) => prompt.name)].filter(
      (name) => !read('README.md').includes(`\`${name}\``),
    );
    expect(missing).toEqual([]);
  });

  it('has a line for every dependency', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'));
    const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !read('README.md').includes(`\`${name}\``),
    );
    expect(missing).toEqual([]);
  });
});
