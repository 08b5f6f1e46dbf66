import type { Deps } from '../domain/base/deps.ts';
import type { House } from '../engine/base/house.ts';
import { errorCode } from '../files/durable.ts';
import { announce, type HomeServer, namedServer } from '../files/serve-file.ts';
import { toolFilterOf } from '../mcp/toolsets.ts';
import { endAtSignals, keepWorking } from '../process/background.ts';
import { dataPlace } from '../process/database.ts';
import { depsOf } from '../process/deps.ts';
import type { Settings } from '../process/environment.ts';
import { closeHouse, openHouse } from '../process/house.ts';
import { homeTokens } from '../process/tokens.ts';
import { firstToken } from './first-token.ts';
import { issuerIn } from './issuer-login.ts';
import { McpEndpoint } from './mcp-endpoint.ts';
import { mcpMount } from './mcp-mount.ts';
import { isOpenToOthers, linkOf, type ServeOptions, serveOptionsOf } from './options.ts';
import { type Assemble, isServing, type RunningServer, type Starting, startServing } from './start.ts';

const HARD_EXIT_MS = 1_800;

function servedBy({ pid, url }: HomeServer): Error {
  return new Error(`Process ${pid} serves this home already, at ${url}. A home is served once.`);
}

/** Throws where the home is served already, or where others could reach a server that nobody can log in to. */
async function demandFree(options: ServeOptions, settings: Settings, house: House): Promise<void> {
  const other = namedServer(settings.home);
  if (other && (await isServing(other))) throw servedBy(other);
  if (issuerIn(settings.env) !== undefined) return;
  // A database may be away for a while yet. Nobody comes in without it.
  if (house.store.tokens && !isOpenToOthers(options)) return;
  // Where a token's file is damaged, this says so before anything is served.
  const hasToken = (await homeTokens(house.store, settings.home).all()).length > 0;
  if (!isOpenToOthers(options) || hasToken) return;
  throw new Error(
    'Others than this machine could reach this server, and there is no token yet. Make one first: countersign token add NAME',
  );
}

/** Why the server can't listen where it was told to, and what to do. */
function problemOf(error: unknown, { port, host = 'localhost' }: ServeOptions): string {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') return `Port ${port} is taken. Choose another one by --port, or any free one by --port 0.`;
  if (code === 'EACCES') return `Port ${port} isn't for this user. Choose one above 1023 by --port.`;
  if (code === 'EADDRNOTAVAIL') return `This machine has no address ${host}. --host takes one of its own.`;
  return `The server could not listen: ${error instanceof Error ? error.message : String(error)}`;
}

/** Ends the process at a signal, once: what is under way has its answer, and the home's file goes. */
function endInOrder(started: RunningServer, house: House, withdraw: () => void): void {
  const stopWorking = keepWorking(house);
  let ending = false;
  const end = (why: string, code: number) => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(code), HARD_EXIT_MS).unref();
    house.deps.log.debug({ why }, 'ending');
    stopWorking();
    withdraw();
    started.close((endAnswers) => closeHouse(house, endAnswers)).finally(() => process.exit(code));
  };
  endAtSignals(end, house.deps.log);
}

/** MCP, beside what `assemble` gives. */
function withMcp(settings: Settings, assemble: Assemble): Assemble {
  return (parts) => {
    const { house, houseOf, streams, watcher } = parts;
    const endpoint = new McpEndpoint({ house, houseOf, watcher, streams, offers: toolFilterOf(settings) });
    const beside = assemble(parts);
    const close = async () => void (await Promise.allSettled([endpoint.close(), beside.close?.()]));
    return { mounts: [mcpMount(endpoint), ...beside.mounts], open: beside.open, close };
  };
}

/** Has whoever starts the server told how to get in. A database that is away just now keeps it from nothing else. */
async function tellFirstToken(house: House, settings: Settings, tell: (text: string) => void): Promise<void> {
  if (issuerIn(settings.env) !== undefined) return;
  await firstToken(homeTokens(house.store, settings.home), tell).catch((error: unknown) =>
    house.deps.log.warn({ error: String(error) }, 'whether there is a token could not be read'),
  );
}

/** What a server is given by whoever starts it: where it speaks to people, and its parts beside MCP. */
type ServeParts = Pick<Starting, 'assemble' | 'watch'> & { tell: (text: string) => void };

/**
 * `countersign serve`: one more process on the home, which answers over HTTP until it is told to end. Throws Error, with what
 * to do, where it can't.
 */
export async function serveHttp(
  settings: Settings,
  args: readonly string[],
  { tell, assemble, ...watch }: ServeParts,
): Promise<void> {
  const options = serveOptionsOf(args);
  // Whoever calls over HTTP may sit elsewhere: where this machine keeps its programs is nothing for them.
  const commands = { reviewCommand: 'countersign review', resumeCommand: 'countersign resume' };
  let link: string | undefined;
  const deps: Deps = {
    ...depsOf(settings),
    ...commands,
    // It is known once the server listens.
    get deskWay() {
      return link;
    },
  };
  const house = await openHouse(settings, deps);
  await demandFree(options, settings, house).catch(async (error: unknown) => {
    await closeHouse(house);
    throw error;
  });
  const starting = { options, settings, assemble: withMcp(settings, assemble), ...watch };
  const started = await startServing(starting, house).catch(async (error: unknown) => {
    await closeHouse(house);
    throw new Error(problemOf(error, options));
  });
  const { url, port } = started;
  link = url;
  const local = linkOf({ ...options, publicUrl: undefined }, port);
  const withdraw = await announce(settings.home, { url, ...(local === url ? {} : { local }) }, isServing);
  if (typeof withdraw !== 'function') {
    await started.close((endAnswers) => closeHouse(house, endAnswers));
    throw servedBy(withdraw);
  }
  endInOrder(started, house, withdraw);
  tell(`Countersign serves ${dataPlace(settings)} at ${url} (MCP: ${url}/mcp)\n`);
  await tellFirstToken(house, settings, tell);
}
