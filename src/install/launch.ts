import path from 'node:path';
import { isThere } from '../files/client-file.ts';
import type { Launch } from './client-parts.ts';
import type { ClientProgram } from './clients.ts';
import { downloadsFolder, type UserPlace } from './places.ts';

/** What a process was started with. */
export type StartedBy = { execPath: string; script: string };

/** What a person chose on the command line; what they left out is undefined. */
export type InstallChoice = { name: string; home: string | undefined; allowDirs: readonly string[] };

/**
 * Node by a path that lasts: Homebrew keeps each version in a folder of its own, which goes with the next one, and a
 * link beside them, which stays.
 */
export function lastingNode(execPath: string): string {
  const found = /^(.*)\/Cellar\/(node(?:@\d+)?)\/[^/]+\/bin\/node$/.exec(execPath);
  const link = found === null ? undefined : `${found[1]}/opt/${found[2]}/bin/node`;
  return link !== undefined && isThere(link) ? link : execPath;
}

/**
 * How a client is to start the server. What the person chose goes in; the rest only where the entry says nothing else: the
 * home, and the folders for imports, which are the folder where a client in a terminal was started, and the downloads.
 */
export function launchOf(
  client: ClientProgram,
  choice: InstallChoice,
  place: UserPlace,
  started: StartedBy & { home: string },
): Launch {
  const { name, home, allowDirs } = choice;
  const downloads = downloadsFolder(place);
  const usual = [...(client.isWindowed ? [] : ['.']), ...(downloads === undefined ? [] : [downloads])];
  return {
    name,
    node: lastingNode(started.execPath),
    script: started.script,
    env: {
      ...(home === undefined ? {} : { COUNTERSIGN_HOME: home }),
      ...(allowDirs.length === 0 ? {} : { COUNTERSIGN_ALLOW_DIRS: allowDirs.join(path.delimiter) }),
    },
    unlessSet: {
      COUNTERSIGN_HOME: started.home,
      ...(usual.length === 0 ? {} : { COUNTERSIGN_ALLOW_DIRS: usual.join(path.delimiter) }),
    },
  };
}
