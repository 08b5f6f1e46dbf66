import fs from 'node:fs';
import { onTestFinished } from 'vitest';

const MAKING = ['openSync', 'mkdirSync', 'writeSync', 'writeFileSync', 'renameSync', 'linkSync'] as const;

/** Has every write of this process fail with a code, such as ENOSPC, until `end` or the end of the test. */
export function aFullDisk(code: string): { end: () => void } {
  const real = { ...fs };
  const end = () => {
    for (const name of MAKING) Reflect.set(fs, name, real[name]);
  };
  for (const name of MAKING) {
    Reflect.set(fs, name, (...args: unknown[]) => {
      if (name !== 'openSync' || writes(args[1])) throw Object.assign(new Error(`${code}: ${name}`), { code });
      return Reflect.apply(real[name], fs, args);
    });
  }
  onTestFinished(end);
  return { end };
}

function writes(flags: unknown): boolean {
  const { O_WRONLY, O_RDWR } = fs.constants;
  return typeof flags === 'number' ? (flags & (O_WRONLY | O_RDWR)) !== 0 : flags !== 'r' && flags !== undefined;
}
