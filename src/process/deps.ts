import os from 'node:os';
import { pino } from 'pino';
import { createSchemas } from '../checks/schemas.ts';
import type { Deps } from '../domain/base/deps.ts';
import { createIds } from '../domain/base/ids.ts';
import { allowedHosts } from '../domain/base/url.ts';
import { ownFilesOf } from '../files/own-files.ts';
import { createGuardedFetch } from '../net/guarded-fetch.ts';
import { createGuardedSocket } from '../net/sockets/guarded-socket.ts';
import type { Settings } from './environment.ts';
import { createFollowedClock } from './followed-clock.ts';
import { terminalCommand } from './terminal-command.ts';

/** The clock, the database's where there is one, ids, the log on stderr, guarded requests and the person's own files, as the settings say. */
export function depsOf(settings: Settings, workingDirectory?: string): Deps {
  const { home, env } = settings;
  const clock = settings.database === undefined ? { now: () => new Date() } : createFollowedClock();
  return {
    ...clock,
    newId: createIds(clock.now),
    log: pino({ level: settings.logLevel, base: null }, pino.destination({ fd: 2, sync: true })),
    env,
    home,
    ...(workingDirectory === undefined ? {} : { workingDirectory }),
    reviewCommand: terminalCommand('review', settings, process),
    resumeCommand: terminalCommand('resume', settings, process),
    fetch: createGuardedFetch({ allowedHosts: allowedHosts(env) }),
    openSocket: createGuardedSocket({ allowedHosts: allowedHosts(env) }),
    schemas: createSchemas(),
    ...ownFilesOf(home),
  };
}

/** The name of the OS user, or the number of one without a name. */
export function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
