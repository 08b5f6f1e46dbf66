import { describe, expect, it } from 'vitest';
import { sources, textOf } from '../support/house-plan.ts';

const NAME = 'COUNTERSIGN_MIN_PROOF';

/** Lines of code, without comments, that name the variable. */
function naming(file: string): string[] {
  return textOf(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes(NAME) && !/^(\/\/|\/?\*)/.test(line));
}

describe('the variable that says how much proof is enough', () => {
  it('is read by the code, and told to nobody but who starts the process: a model that was refused has a shell', () => {
    const found = sources().flatMap((file) => naming(file).map((line) => `${file}: ${line}`));
    const isRead = (line: string) => line.replaceAll(`env.${NAME}`, '').includes(NAME) === false;
    const telling = found.filter((line) => !isRead(line));
    expect(telling).toEqual([expect.stringMatching(/^src\/process\/environment\.ts: return \{ problem: /)]);
  });
});
