import fs from 'node:fs';

type Stretch = { from: number; to: number };

const PAGE = 4_096;
const WRAPPED = ['openSync', 'writeSync', 'fdatasyncSync', 'fsyncSync'] as const;

/**
 * Imitates what Linux does after a failed sync, for files below a folder: bytes whose sync failed can still be read,
 * but only writing them again brings them to the disk, and a later sync alone doesn't. In force until `end`.
 */
export class ForgetfulDisk {
  private readonly folder: string;
  private readonly real = { ...fs };
  private readonly files = new Map<number, string>();
  /** What was written and not synced yet, by file. */
  private readonly dirty = new Map<string, Stretch[]>();
  /** What the disk has, by file. */
  private readonly disk = new Map<string, Buffer>();
  private isFailing: (file: string) => boolean = () => false;

  constructor(folder: string) {
    this.folder = folder;
    for (const name of WRAPPED) Reflect.set(fs, name, (...args: unknown[]) => this.take(name, args));
  }

  end(): void {
    for (const name of WRAPPED) Reflect.set(fs, name, this.real[name]);
  }

  failNextSync(): void {
    this.failSyncOf('');
  }

  /** Fails the next sync of a file that contains the text. */
  failSyncOf(text: string): void {
    this.isFailing = (file) => {
      if (!this.real.readFileSync(file).includes(text)) return false;
      this.isFailing = () => false;
      return true;
    };
  }

  /** Cuts the power: the files then hold only what the disk has. */
  cutPower(): void {
    for (const file of this.dirty.keys()) this.real.writeFileSync(file, this.disk.get(file) ?? '');
    this.dirty.clear();
  }

  private take(name: (typeof WRAPPED)[number], args: unknown[]): unknown {
    const file = this.files.get(Number(args[0]));
    if (name.endsWith('syncSync') && file !== undefined) this.sync(file);
    const result = Reflect.apply(this.real[name], fs, args);
    if (name === 'openSync') this.opened(Number(result), String(args[0]));
    if (name === 'writeSync' && file !== undefined) this.written(file, Number(result), args[4]);
    return result;
  }

  private opened(fd: number, file: string): void {
    this.files.delete(fd);
    if (file.startsWith(this.folder) && file !== this.folder) this.files.set(fd, file);
  }

  private written(file: string, length: number, position: unknown): void {
    const from = typeof position === 'number' ? position : this.real.statSync(file).size - length;
    this.dirty.set(file, [...(this.dirty.get(file) ?? []), { from, to: from + length }]);
  }

  private sync(file: string): void {
    const dirty = this.dirty.get(file) ?? [];
    this.dirty.set(file, []);
    if (this.isFailing(file)) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
    for (const stretch of dirty) this.bring(file, stretch);
  }

  /** Brings bytes to the disk, in whole pages: other bytes on the same pages go along. */
  private bring(file: string, { from, to }: Stretch): void {
    const bytes = this.real.readFileSync(file);
    const page = from - (from % PAGE);
    const end = Math.min(bytes.length, Math.ceil(to / PAGE) * PAGE);
    const before = this.disk.get(file) ?? Buffer.alloc(0);
    const after = Buffer.alloc(Math.max(before.length, end));
    before.copy(after);
    bytes.copy(after, page, page, end);
    this.disk.set(file, after);
  }
}
