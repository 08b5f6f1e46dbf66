import fs from 'node:fs';
import { onTestFinished } from 'vitest';

const MAKING = ['openSync', 'mkdirSync', 'writeSync', 'writeFileSync', 'renameSync', 'linkSync'] as const;

/** Lets nothing be written until `end`, by this process: what would, fails with a code such as ENOSPC. */
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
