import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { serve } from '../support/served.ts';
import { BUNDLE, baseEnv, temporaryHome } from '../support/server.ts';

const PAGE = fs.readFileSync(new URL('../../docs/rest.md', import.meta.url), 'utf8');
type Facts = ReturnType<typeof JSON.parse>;

/** The lines for a shell on the page, each with the answer that is shown below it. */
function shown(): { lines: string; answer: Facts }[] {
  const blocks = [...PAGE.matchAll(/```(sh|json)\n([\s\S]*?)```/g)].map(([, kind, text = '']) => ({ kind, text }));
  return blocks.flatMap(({ kind, text }, at) => {
    if (kind !== 'sh') return [];
    const next = blocks[at + 1];
    return [{ lines: text, answer: next?.kind === 'json' ? JSON.parse(next.text) : undefined }];
  });
}

/** What an answer is expected to be: `"..."` stands for any text. */
function expectation(shape: Facts): Facts {
  if (shape === '...') return expect.any(String);
  if (Array.isArray(shape)) return shape.map(expectation);
  if (typeof shape !== 'object' || shape === null) return shape;
  return expect.objectContaining(
    Object.fromEntries(Object.entries(shape).map(([name, value]) => [name, expectation(value)])),
  );
}

describe('the page about REST', () => {
  it('has lines that do what they show, one after the other', async () => {
    const { url, home } = await serve();
    const parts = shown();
    expect(parts.length).toBeGreaterThan(9);
    const between = '\n===\n';
    const script = parts
      .map(({ lines }) => lines.replace('http://localhost:7878', url))
      .join(`\nprintf '${between}'\n`);
    const { stdout, stderr, status } = spawnSync(
      'bash',
      ['-euo', 'pipefail', '-c', `countersign() { "${process.execPath}" "${BUNDLE}" "$@" 2>/dev/null; }\n${script}`],
      { env: baseEnv(home), cwd: temporaryHome(), encoding: 'utf8', timeout: 80_000 },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const answers = stdout.split(between);
    for (const [at, { lines, answer }] of parts.entries())
      if (answer !== undefined) expect(JSON.parse(answers[at] ?? ''), lines).toEqual(expectation(answer));
  });
});
