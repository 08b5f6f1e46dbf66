import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Deps } from './domain/base/deps.ts';
import { keepReadingMail } from './engine/upkeep/mail.ts';
import { keepRecovering } from './engine/upkeep/recovery.ts';
import { keepFiring } from './engine/upkeep/schedule.ts';
import type { Tool } from './mcp/define-tool.ts';
import { guardLines } from './mcp/line-guard.ts';
import { ListeningTransport } from './mcp/subscriptions/listening-transport.ts';
import { createWatcher } from './mcp/subscriptions/watcher.ts';
import { depsOf, userName } from './process/deps.ts';
import type { Settings } from './process/environment.ts';
import { closeHouse, openHouse } from './process/house.ts';
import { createServer } from './server.ts';

const HARD_EXIT_MS = 1_800;
/** Recovery and schedules begin so late that the client has its first answers by then. */
const BACKGROUND_AFTER_MS = 300;

function toolFilterOf(settings: Settings): (tool: Tool) => boolean {
  return (tool) => settings.toolsets.has(tool.toolset) && (!settings.readOnly || /^(list|get|export)_/.test(tool.name));
}

/** Ends the process when the client goes, at a signal, and after an error that nothing caught. */
function listenForEnd(end: (why: string, code: number) => void, log: Deps['log']): void {
  process.stdin.once('end', () => end('stdin ended', 0));
  process.stdin.once('close', () => end('stdin closed', 0));
  process.stdout.once('error', () => end('stdout failed', 0));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end(signal, 0));
  process.once('uncaughtException', (error) => {
    log.error({ error: error.stack ?? error.message }, 'an uncaught error');
    end('uncaught error', 1);
  });
  process.once('unhandledRejection', (error) => {
    log.error({ error: error instanceof Error ? error.stack : String(error) }, 'an unhandled rejection');
    end('unhandled rejection', 1);
  });
}

/** Speaks MCP on stdin and stdout until the client goes. Then the process ends, within 2 s even if something hangs. */
export async function serveStdioUntilEnd(settings: Settings): Promise<void> {
  const deps = depsOf(settings);
  const house = openHouse(settings, deps);
  const transport = new ListeningTransport(guardLines(process.stdin, process.stdout), process.stdout, {
    maxBufferSize: 64 << 20,
  });
  const options = { house, user: userName(), offers: toolFilterOf(settings), watcher: createWatcher(house) };
  const handle = serveStdio(() => createServer({ ...options, listens: transport }), {
    transport,
    onerror: (error) => deps.log.debug({ error: error.message }, 'the connection reported an error'),
  });
  const stops: (() => void)[] = [];
  const background = setTimeout(() => {
    // A read-only process begins nothing by itself: no attempt, no run, no schedule, no look into a mailbox.
    stops.push(keepRecovering(house, !settings.readOnly));
    if (!settings.readOnly) stops.push(keepFiring(house), keepReadingMail(house));
  }, BACKGROUND_AFTER_MS);
  background.unref();

  let ending = false;
  const end = (why: string, code: number) => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(code), HARD_EXIT_MS).unref();
    deps.log.debug({ why }, 'ending');
    clearTimeout(background);
    for (const stop of stops) stop();
    // The last answers go out before the connection closes. The store closes even if that fails.
    Promise.allSettled([closeHouse(house, () => handle.close())]).finally(() => process.exit(code));
  };
  listenForEnd(end, deps.log);
}
