import fs from 'node:fs';
import path from 'node:path';

/** What of a home isn't the store's: the person's own files. */
const OWN = ['config.json', 'prices.json'];

/** Brings the person's own files from one home to another, unless they are the same folder. */
export function copyOwnFiles(from: string, to: string): void {
  if (path.resolve(from) === path.resolve(to)) return;
  for (const name of OWN)
    if (fs.existsSync(path.join(from, name)))
      fs.cpSync(path.join(from, name), path.join(to, name), { recursive: true, dereference: true });
}
