import { serveStdio } from '@modelcontextprotocol/server/stdio';
import type { Deps } from './domain/base/deps.ts';
import { type DeskDoor, OPEN_DESK } from './domain/base/desk.ts';
import type { House } from './engine/base/house.ts';
import { guardLines } from './mcp/line-guard.ts';
import { ListeningTransport } from './mcp/subscriptions/listening-transport.ts';
import { createWatcher } from './mcp/subscriptions/watcher.ts';
import { toolFilterOf } from './mcp/toolsets.ts';
import { endAtSignals, keepWorking } from './process/background.ts';
import { depsOf, userName } from './process/deps.ts';
import type { Settings } from './process/environment.ts';
import { closeHouse, openHouse } from './process/house.ts';
import { createServer } from './server.ts';

const HARD_EXIT_MS = 1_800;

/** Ends the process when the client goes, at a signal, and after an error that nothing caught. */
function listenForEnd(end: (why: string, code: number) => void, log: Deps['log']): void {
  process.stdin.once('end', () => end('stdin ended', 0));
  process.stdin.once('close', () => end('stdin closed', 0));
  process.stdout.once('error', () => end('stdout failed', 0));
  endAtSignals(end, log);
}

/** Makes the door to the desk of a process, of its settings and of its house, which is opened later. */
type OpenDoor = (settings: Settings, house: () => House) => DeskDoor;

/** The ways to the desk from this process. A read-only one decides nothing, so it opens none. */
function deskOf(settings: Settings, openDoor: OpenDoor, house: () => House): Pick<Deps, 'desk' | 'deskWay'> {
  if (settings.readOnly) return {};
  const isOffered = toolFilterOf(settings)({ name: OPEN_DESK, toolset: 'review' });
  return { desk: openDoor(settings, house), ...(isOffered ? { deskWay: OPEN_DESK } : {}) };
}

/** Speaks MCP on stdin and stdout until the client goes. Then the process ends, within 2 s even if something hangs. */
export async function serveStdioUntilEnd(settings: Settings, openDoor: OpenDoor): Promise<void> {
  const deps: Deps = { ...depsOf(settings, process.cwd()), ...deskOf(settings, openDoor, () => house) };
  const house = await openHouse(settings, deps);
  const transport = new ListeningTransport(guardLines(process.stdin, process.stdout), process.stdout, {
    maxBufferSize: 64 << 20,
  });
  const options = {
    house,
    person: { user: userName() },
    offers: toolFilterOf(settings),
    watcher: createWatcher(house),
  };
  const handle = serveStdio(() => createServer({ ...options, listens: transport }), {
    transport,
    onerror: (error) => deps.log.debug({ error: error.message }, 'the connection reported an error'),
  });
  const stopWorking = keepWorking(house);

  let ending = false;
  const end = (why: string, code: number) => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(code), HARD_EXIT_MS).unref();
    deps.log.debug({ why }, 'ending');
    stopWorking();
    // The last answers go out before the connection closes. The store closes even if that fails.
    const all = [closeHouse(house, () => handle.close()), deps.desk?.close()];
    Promise.allSettled(all).finally(() => process.exit(code));
  };
  listenForEnd(end, deps.log);
}
