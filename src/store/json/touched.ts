import path from 'node:path';
import type { Part } from '../../domain/parts.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

/**
 * The last commit that touched each document. With it a document that nothing touched since its snapshot is current
 * without a look at the log, however long that has grown.
 */
export class Touched {
  n = 0;
  private readonly last = new Map<string, number>();
  private readonly file: string;

  constructor(directory: string) {
    this.file = path.join(directory, 'touched.json');
    const snapshot = readSnapshot<[string, number][]>(this.file);
    if (!snapshot) return;
    this.n = snapshot.n;
    for (const [key, n] of snapshot.data) this.last.set(key, n);
  }

  /** The last commit that touched a document; 0 for none. */
  at(key: string): number {
    return this.last.get(key) ?? 0;
  }

  take(n: number, parts: readonly Part[]): void {
    for (const { key } of parts) this.last.set(key, n);
    this.n = n;
  }

  save(): void {
    writeSnapshot(this.file, this.n, [...this.last]);
  }
}
