import { describe, expect, it } from 'vitest';
import { createProgress } from '../../src/mcp/progress.ts';

/** Progress whose distance from the answer passes when the test says so. */
function following() {
  const told: string[] = [];
  const passed: (() => void)[] = [];
  const apart = () => new Promise<void>((resolve) => passed.push(resolve));
  const progress = createProgress(({ message }) => told.push(message), apart);
  const pass = () => {
    for (const resolve of passed) resolve();
  };
  return { told, progress, pass };
}

describe('the progress of a call', () => {
  it('leaves a distance between its last word and the answer', async () => {
    const { told, progress, pass } = following();
    progress.onProgress(1, 3);
    const closed = progress.close().then(() => told.push('the answer'));
    await Promise.resolve();
    expect(told).toEqual(['1 of 3 contacts evaluated']);
    pass();
    await closed;
    expect(told).toEqual(['1 of 3 contacts evaluated', 'the answer']);
  });

  it('tells nothing once the answer is due', async () => {
    const { told, progress, pass } = following();
    progress.onProgress(1, 3);
    const closed = progress.close();
    progress.onProgress(3, 3);
    pass();
    await closed;
    progress.onProgress(3, 3);
    expect(told).toEqual(['1 of 3 contacts evaluated']);
  });

  it('holds up no answer of a call that told nothing', async () => {
    const { progress } = following();
    await progress.close();
    const unasked = createProgress(undefined, () => new Promise(() => undefined));
    unasked.onProgress(1, 3);
    await unasked.close();
  });
});
