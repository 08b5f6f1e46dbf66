import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCode } from './durable.ts';

/** Filled in by the build: from sources there is none. */
declare const CHECKS_FILE: string | undefined;

/** The folder of the executable, where the build puts the page, too. */
function folder(): string {
  return typeof CHECKS_FILE === 'string' ? __dirname : fileURLToPath(new URL('../../dist/', import.meta.url));
}

/** The desk's page as it was built; undefined where it isn't there. */
export function readPageFile(): string | undefined {
  try {
    return fs.readFileSync(path.join(folder(), 'desk.html'), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
