import os from 'node:os';
import type { Config } from '../domain/base/config.ts';
import type { Deps } from '../domain/base/deps.ts';
import { VERSION } from '../domain/base/version.ts';
import { visible } from '../domain/text/visible.ts';
import { unwritable } from '../files/durable.ts';
import { refusedEventsOf } from '../files/refused-events.ts';
import { clientReport } from '../install/report.ts';
import { initDatabase } from '../process/database-state.ts';
import { depsOf } from '../process/deps.ts';
import type { Settings } from '../process/environment.ts';
import { askToolServers } from '../process/house.ts';
import { MODEL_PROVIDERS } from '../providers/index.ts';
import type { Output } from './brake.ts';
import { deskLines } from './desk-lines.ts';
import { sayRestored } from './doctor-restored.ts';
import { storeFindings } from './doctor-store.ts';
import { howToType } from './help.ts';

/** The most reasons that are told of live events which could not be taken. */
const MOST_REASONS = 10;
const KEYS = MODEL_PROVIDERS.flatMap(({ keys }) => keys);

/** One of the person's own files. Where it can't be read, that is a fault, and the result is undefined. */
function ownFile<T>(read: () => T, faults: string[]): T | undefined {
  try {
    return read();
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/**
 * The names of the MCP servers in HOME/config.json. Nothing else of their entries is shown. Each is asked for its tools:
 * a server that gives no answer, and a tool that can't be used, are warnings.
 */
async function toolServers(config: Config | undefined, deps: Deps, warnings: string[]): Promise<string> {
  if (!config) return 'unknown';
  const { file, mcpServers } = config;
  for (const entry of mcpServers.values()) if ('problem' in entry) warnings.push(`${file}: ${entry.problem}`);
  const usable = [...mcpServers].filter(([, entry]) => !('problem' in entry)).map(([name]) => name);
  for (const [server, offer] of await askToolServers(usable, deps)) {
    if ('problem' in offer) warnings.push(visible(`the MCP server "${server}" can't be asked: ${offer.problem}`));
    else
      for (const [name, problem] of offer.unusable)
        warnings.push(visible(`the tool ${server}/${name} is unusable: ${problem}`));
  }
  return [...mcpServers.keys()].join(', ') || 'none listed, none needed';
}

/** What of live events could not be taken, the newest first, with how often each reason came. */
function refusedLines(home: string): string[] {
  const found = new Map<string, { count: number; last: string }>();
  for (const { at, token, call, count, reason } of refusedEventsOf(home).all().reverse()) {
    const what = visible(`${call} by the token "${token}": ${reason}`);
    const known = found.get(what);
    found.set(what, { count: (known?.count ?? 0) + count, last: known?.last ?? at });
  }
  return [...found]
    .slice(0, MOST_REASONS)
    .map(([what, { count, last }]) => `${count} live event(s) could not be taken, last at ${last}: ${what}`);
}

/**
 * Why the home's folder can't be used, of whichever store. A home in a database has one too: it says where the home is served, and
 * remembers what was seen of the database. Undefined where a home of files has said so already, by the faults of its store.
 */
function folderLack({ home, database }: Settings, storeFaults: readonly string[]): string | undefined {
  return database !== undefined || storeFaults.length === 0 ? unwritable(home) : undefined;
}

/** What the doctor found, by the lines in which it is said. */
type DoctorFindings = { database: string[]; store: string; lines: string[]; warnings: string[]; faults: string[] };

async function findingsOf(settings: Settings): Promise<DoctorFindings> {
  const deps = depsOf(settings);
  const ownFaults: string[] = [];
  const config = ownFile(deps.config, ownFaults);
  const prices = ownFile(deps.prices, ownFaults);
  const { commits, isWhole, faults, warnings, book, ...store } = await storeFindings({ settings, deps, config });
  const lack = folderLack(settings, faults);
  // A process that only reads can do so over stdio; it can't be served.
  if (lack !== undefined) (settings.readOnly ? warnings : faults).push(lack);
  const desk = await deskLines(settings, config, book);
  warnings.push(...refusedLines(settings.home));
  const servers = await toolServers(config, deps, warnings);
  const place = { platform: process.platform, home: os.homedir(), env: settings.env };
  const clients = await clientReport(place, settings.home);
  const present = KEYS.filter((name) => settings.env[name] !== undefined);
  return {
    database: store.database,
    store: commits === undefined ? 'not read' : `${commits} commits${isWhole ? ', whole' : ''}`,
    lines: [
      `keys: ${present.length > 0 ? `${present.join(', ')} set` : 'none set, none needed'}`,
      `prices: ${prices ? `${prices.size} model(s)` : 'unknown'}`,
      `mcp servers: ${servers}`,
      ...[...desk, ...store.lines, ...clients.lines],
    ],
    warnings: [...warnings, ...clients.warnings],
    faults: [...faults, ...ownFaults],
  };
}

/** What the doctor can do before it looks, by the option that asks for it. */
const BEFORE: ReadonlyMap<string, { work: (settings: Settings) => Promise<string>; what: string }> = new Map([
  ['--init', { work: initDatabase, what: 'no schema is made' }],
  ['--restored', { work: sayRestored, what: 'nothing is handed over' }],
]);

/** Does first what was asked for, such as making the schema of the database. Gives whether all went well. */
async function prepared(settings: Settings, args: readonly string[], { say, tell }: Output): Promise<boolean> {
  const refuse = (why: string) => {
    tell(`${visible(why)}\n`);
    return false;
  };
  if (args.length === 0) return true;
  const before = args.length === 1 ? BEFORE.get(args[0] ?? '') : undefined;
  if (!before) return refuse(howToType('doctor'));
  if (settings.readOnly) return refuse(`COUNTERSIGN_READ_ONLY=1 is set, so ${before.what}. Unset it.`);
  try {
    say(`${visible(await before.work(settings))}\n`);
    return true;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Checks what Countersign needs, and says the result in lines; with `--init` it makes the schema of the database before, and
 * with `--restored` it hands over what is open.
 * Returns the exit code: 1 where there is a fault.
 */
export async function doctor(settings: Settings, args: readonly string[], output: Output): Promise<number> {
  if (!(await prepared(settings, args, output))) return 1;
  const { say } = output;
  const { database, store, lines, warnings, faults } = await findingsOf(settings);
  say(`countersign ${VERSION} on Node ${process.versions.node}\n`);
  say(`home: ${settings.home}\n`);
  for (const line of database) say(`${visible(line)}\n`);
  say(`store: ${store}\n`);
  for (const line of lines) say(`${line}\n`);
  for (const warning of warnings) say(`warning: ${warning}\n`);
  for (const fault of faults) say(`fault: ${fault}\n`);
  say(faults.length === 0 ? 'ok\n' : `${faults.length} fault(s)\n`);
  return faults.length === 0 ? 0 : 1;
}
