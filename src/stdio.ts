import os from 'node:os';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { pino } from 'pino';
import type { Deps } from './domain/deps.ts';
import { createIds } from './domain/ids.ts';
import { allowedHosts } from './domain/url.ts';
import { createHouse } from './engine/house.ts';
import { keepRecovering } from './engine/recovery.ts';
import { keepFiring } from './engine/schedule.ts';
import type { Tool } from './mcp/define-tool.ts';
import { guardLines } from './mcp/line-guard.ts';
import { ListeningTransport } from './mcp/listening-transport.ts';
import { createWatcher } from './mcp/watcher.ts';
import { createGuardedFetch } from './net/guarded-fetch.ts';
import { createServer } from './server.ts';
import type { Settings } from './settings.ts';
import { createJsonStore } from './store/json/json-store.ts';

const HARD_EXIT_MS = 1_800;
/** What a dead process left, and what is due, is looked for once the client has had its first answers. */
const BACKGROUND_AFTER_MS = 300;

export function depsOf(settings: Settings): Deps {
  const now = () => new Date();
  return {
    now,
    newId: createIds(now),
    log: pino({ level: settings.logLevel, base: null }, pino.destination({ fd: 2, sync: true })),
    env: settings.env,
    fetch: createGuardedFetch({ allowedHosts: allowedHosts(settings.env) }),
  };
}

function offersOf(settings: Settings): (tool: Tool) => boolean {
  return (tool) => settings.toolsets.has(tool.toolset) && (!settings.readOnly || /^(list|get|export)_/.test(tool.name));
}

/** Who the operating system says is at work. */
export function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** Speaks MCP on stdin and stdout until the client goes, then ends the process, within 2 s whatever hangs. */
export async function serveStdioUntilEnd(settings: Settings): Promise<void> {
  const deps = depsOf(settings);
  const house = createHouse(createJsonStore(settings.home, deps), deps);
  const transport = new ListeningTransport(guardLines(process.stdin, process.stdout), process.stdout, {
    maxBufferSize: 64 << 20,
  });
  const options = { house, user: userName(), offers: offersOf(settings), watcher: createWatcher(house) };
  const handle = serveStdio(() => createServer({ ...options, listens: transport }), {
    transport,
    onerror: (error) => deps.log.debug({ error: error.message }, 'the connection reported an error'),
  });
  const stops: (() => void)[] = [];
  const starting = setTimeout(() => {
    // A process that may only read begins nothing by itself: no attempt, no run, no schedule.
    stops.push(keepRecovering(house, !settings.readOnly));
    if (!settings.readOnly) stops.push(keepFiring(house));
  }, BACKGROUND_AFTER_MS);
  starting.unref();

  let ending = false;
  const end = (why: string, code: number) => {
    if (ending) return;
    ending = true;
    house.end();
    setTimeout(() => process.exit(code), HARD_EXIT_MS).unref();
    deps.log.debug({ why }, 'ending');
    clearTimeout(starting);
    for (const stop of stops) stop();
    for (const run of house.runs.values()) run.stop.abort();
    const calls = house.toolServers.close();
    const work = [
      calls,
      house.executing,
      ...house.attempts.values(),
      ...[...house.runs.values()].map((run) => run.done),
    ];
    Promise.allSettled(work)
      .then(() => Promise.allSettled([handle.close(), house.store.close()]))
      .finally(() => process.exit(code));
  };
  process.stdin.once('end', () => end('stdin ended', 0));
  process.stdin.once('close', () => end('stdin closed', 0));
  process.stdout.once('error', () => end('stdout failed', 0));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(signal, 0));
  process.once('uncaughtException', (error) => {
    deps.log.error({ error: error.stack ?? error.message }, 'an uncaught error');
    end('uncaught error', 1);
  });
  process.once('unhandledRejection', (error) => {
    deps.log.error({ error: error instanceof Error ? error.stack : String(error) }, 'an unhandled rejection');
    end('unhandled rejection', 1);
  });
}
