import fs from 'node:fs';
import path from 'node:path';
import { Forger } from './forger.ts';

/**
 * Makes of a home one as the first edition left it: lines without salts and roots, entries that bind nothing, format 1.
 * No process may have it open.
 */
export function asOfFirstEdition(home: string): void {
  const forger = new Forger(home);
  for (const line of forger.lines) delete line.salt;
  for (const { event } of forger.of('decisions_recorded')) for (const entry of event.entries) delete entry.binds;
  forger.write();
  fs.writeFileSync(path.join(home, 'home.json'), '{"format": 1}\n');
}
