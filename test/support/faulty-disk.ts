import fs from 'node:fs';

/** What happens at one file operation of those that change something. */
export type Fault = {
  /** The operation, counted from 1. */
  at: number;
  /** `half`: half of the bytes are written, then the process dies. `short`: half are written, and the call says so. */
  what: 'kill' | 'half' | 'freeze' | 'short' | 'ENOSPC' | 'EIO';
  /** Only operations on paths that contain this text are counted. */
  within?: string;
  /** Only operations of this name are counted. */
  only?: string;
};

const BY_PATH = ['openSync', 'writeFileSync', 'renameSync', 'mkdirSync', 'rmSync', 'linkSync', 'unlinkSync'] as const;
const BY_HANDLE = ['writeSync', 'fsyncSync', 'fdatasyncSync'] as const;

function changes(flags: unknown): boolean {
  const { O_WRONLY, O_RDWR } = fs.constants;
  return typeof flags === 'number' ? (flags & (O_WRONLY | O_RDWR)) !== 0 : flags !== 'r' && flags !== undefined;
}

/** Counts the file operations of this process, and has one of them go wrong. Gives a function that tells the count. */
export function makeFaulty(fault: Fault | undefined): () => number {
  const paths = new Map<number, string>();
  let count = 0;

  function strike(name: string, args: unknown[], real: (args: unknown[]) => unknown): unknown {
    const what = fault?.what ?? 'kill';
    if (what === 'freeze') {
      process.kill(process.pid, 'SIGSTOP');
      return real(args);
    }
    const bytes = name === 'writeSync' && Buffer.isBuffer(args[1]) ? args[1] : undefined;
    const half = bytes?.subarray(0, bytes.length >> 1);
    // The arguments of writeSync: handle, bytes, offset, length, position in the file.
    const halved = half && [args[0], half, 0, half.length, args[4] ?? null];
    if (what === 'short' && halved) return real(halved);
    if (what === 'half' && halved) real(halved);
    if (what === 'kill' || what === 'half') {
      process.kill(process.pid, 'SIGKILL');
      // The process dies soon, but not within the call, so it waits here.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
    }
    throw Object.assign(new Error(`${what}: struck at ${name}`), { code: what === 'short' ? 'ENOSPC' : what });
  }

  function wrap(name: keyof typeof fs, pathOf: (args: unknown[]) => string | undefined): void {
    const original: unknown = Reflect.get(fs, name);
    if (typeof original !== 'function') return;
    const real = (args: unknown[]): unknown => Reflect.apply(original, fs, args);
    Reflect.set(fs, name, (...args: unknown[]) => {
      const path = pathOf(args);
      const reads = name === 'openSync' && !changes(args[1]);
      const isCounted = !reads && (fault?.only ?? name) === name;
      if (path !== undefined && isCounted && path.includes(fault?.within ?? '')) {
        count += 1;
        if (count === fault?.at) return strike(name, args, real);
      }
      const result = real(args);
      if (name === 'openSync' && typeof result === 'number') paths.set(result, String(args[0]));
      return result;
    });
  }

  for (const name of BY_PATH) wrap(name, ([path]) => String(path));
  for (const name of BY_HANDLE) wrap(name, ([handle]) => paths.get(Number(handle)));
  return () => count;
}
