import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';

/** A program in the place of a browser: it notes what it got, and opens nothing. */
export type FakeBrowser = {
  /** The environment of a person who sits at a desktop with this browser. */
  env: Record<string, string>;
  /** The links that it was opened with so far. */
  links: () => string[];
  /** Waits for a number of links, and gives the last one. */
  opened: (count?: number) => Promise<string>;
  /** The environment that it was started in, the last time. */
  environment: () => string;
};

/** `fails`: it ends with an error at once. `words` come before the link in `$BROWSER`. */
export function fakeBrowser({ fails = false, words = '' } = {}): FakeBrowser {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fake-browser-'));
  onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
  const [program, got, environment] = ['browser', 'got', 'environment'].map((name) => path.join(folder, name));
  fs.writeFileSync(
    String(program),
    `#!/bin/sh\nenv > ${environment}\nfor word in "$@"; do printf '%s\\n' "$word"; done >> ${got}\n${fails ? 'exit 3' : ''}\n`,
    { mode: 0o755 },
  );
  const read = (file: string | undefined) => (fs.existsSync(String(file)) ? fs.readFileSync(String(file), 'utf8') : '');
  const links = () =>
    read(got)
      .split('\n')
      .filter((line) => line !== '');
  return {
    env: { BROWSER: `${program}${words}`, DISPLAY: ':99', CI: '' },
    links,
    async opened(count = 1) {
      await expect.poll(() => links().length, { timeout: 30_000 }).toBe(count);
      return links().at(-1) ?? '';
    },
    environment: () => read(environment),
  };
}
