import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { damages } from '../support/damage.ts';
import { wrongsOf } from '../support/damage-judge.ts';
import { LEFT, type Scene, sceneIn } from '../support/lived-home.ts';
import { cases, PATIENCE } from '../support/property.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-log-'));
let scene: Scene;
let other: Scene;
beforeAll(async () => {
  scene = await sceneIn(path.join(root, 'scene'), 1);
  other = await sceneIn(path.join(root, 'other'), 2);
});
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

describe('a log damaged in any way', () => {
  it.each(LEFT)(
    'opens without more than its newest commit lost, or is refused and left as it is: %s',
    { timeout: PATIENCE },
    async (left) => {
      let made = 0;
      await fc.assert(
        fc.asyncProperty(damages, async (damage) => {
          const home = path.join(root, `${left}${made++}`);
          try {
            expect(await wrongsOf(scene, left, home, damage, other.log)).toEqual([]);
          } finally {
            fs.rmSync(home, { recursive: true, force: true });
          }
        }),
        cases(15),
      );
    },
  );
});
