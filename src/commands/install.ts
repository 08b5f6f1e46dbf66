import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { closestTo } from '../domain/text/closest.ts';
import { visible } from '../domain/text/visible.ts';
import { isThere } from '../files/client-file.ts';
import { type Change, installedChange, makeChange, uninstalledChange } from '../install/change.ts';
import { CLIENTS, type ClientProgram } from '../install/clients.ts';
import { difference } from '../install/difference.ts';
import { type InstallChoice, launchOf } from '../install/launch.ts';
import type { FilePart } from '../install/part.ts';
import type { UserPlace } from '../install/places.ts';
import { copyProgram, lastingProgram } from '../install/program.ts';
import { clientStates } from '../install/state.ts';
import type { Settings } from '../process/environment.ts';
import type { Output } from './brake.ts';
import { howToType } from './help.ts';
import { installService, type ServiceRequest, uninstallService } from './service.ts';

/** An error in the words of the command, for the person who typed it. */
class Misused extends Error {}

function clientOf(words: readonly string[]): ClientProgram {
  const [word = '', ...more] = words;
  const names = CLIENTS.map(({ id }) => id);
  if (word === '' || more.length > 0) throw new Misused(`Name one client: ${names.join(', ')}.`);
  const found = CLIENTS.find(({ id }) => id === word.toLowerCase());
  if (found !== undefined) return found;
  throw new Misused(
    `"${visible(word)}" is no client that Countersign knows. Did you mean "${closestTo(word, names)}"? There are ${names.join(', ')}.`,
  );
}

function serverName(word: string | undefined): string {
  const name = word ?? 'countersign';
  if (!/^[A-Za-z][A-Za-z0-9-]{0,39}$/.test(name))
    throw new Misused('--name takes letters, digits and hyphens, at most 40, as in: --name countersign-work');
  return name;
}

function folderFrom(word: string, { home }: UserPlace): string {
  const folder = path.resolve(word.replace(/^~(?=$|[\\/])/, home));
  if (!isThere(folder))
    throw new Misused(`There is no folder ${visible(folder)}: make it first, or name another --allow-dir.`);
  if (folder.includes(path.delimiter))
    throw new Misused(`--allow-dir can't hold "${path.delimiter}": ${visible(folder)}`);
  return folder;
}

/** What a person typed behind `install` or `uninstall`. */
type Request = { client: ClientProgram; choice: InstallChoice; isDry: boolean };

function portOf(word: string | undefined): string | undefined {
  if (word === undefined || (/^\d{1,5}$/.test(word) && Number(word) <= 65_535)) return word;
  throw new Misused(`--port takes a number up to 65535, not "${visible(word)}".`);
}

/** What `--service` asks for. It takes no client. */
function serviceRequestOf(args: readonly string[], { home }: Settings): ServiceRequest {
  const { values } = parseArgs({
    args: [...args],
    options: {
      service: { type: 'boolean' },
      port: { type: 'string' },
      name: { type: 'string' },
      'dry-run': { type: 'boolean' },
    },
  });
  return { name: serverName(values.name), home, port: portOf(values.port), isDry: values['dry-run'] === true };
}

function requestOf(args: readonly string[], { env, home }: Settings, place: UserPlace): Request {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'allow-dir': { type: 'string', multiple: true },
      name: { type: 'string' },
      'dry-run': { type: 'boolean' },
    },
  });
  const allowDirs = (values['allow-dir'] ?? []).map((word) => folderFrom(word, place));
  const named = env.COUNTERSIGN_HOME === undefined ? undefined : home;
  const choice = { name: serverName(values.name), home: named, allowDirs };
  return { client: clientOf(positionals), choice, isDry: values['dry-run'] === true };
}

/** Tells what changes in a file, and which file keeps what was. */
function tell({ file, before, after, backup }: Change, { say }: Output): void {
  say(`${visible(file)}${before === undefined ? ' (new)' : ''}${after === undefined ? ' (goes)' : ''}\n`);
  for (const line of difference(before?.text ?? '', String(after ?? '').replace(/^\uFEFF/, ''))) say(`  ${line}\n`);
  if (backup?.verb === 'make') say(`  backup: ${visible(backup.file)}\n`);
  if (backup?.verb === 'leave') say(`  it has changed since, so its backup stays: ${visible(backup.file)}\n`);
}

/** Looks at every file first, so that none is written where one has to be left alone. */
async function changesOf(
  parts: readonly FilePart[],
  plan: (part: FilePart) => Promise<Change | undefined>,
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const part of parts) {
    const change = await plan(part);
    if (change !== undefined) changes.push(change);
  }
  return changes;
}

async function installInto({ client, choice, isDry }: Request, settings: Settings, place: UserPlace, output: Output) {
  const program = lastingProgram(process.argv[1] ?? '');
  const started = { execPath: process.execPath, script: program.script, home: settings.home };
  const launch = launchOf(client, choice, place, started);
  const changes = await changesOf(client.parts(place, launch), (part) => installedChange(part, choice.name));
  const { say } = output;
  if (changes.length === 0) return say(`${client.title} has "${choice.name}" already: nothing to change.\n`);
  for (const change of changes) tell(change, output);
  if (isDry) return say('Nothing was written (--dry-run).\n');
  copyProgram(program);
  for (const change of changes) makeChange(change, place.home);
  say(`${client.title} has "${choice.name}" now. Start it anew, then say: "Import my contacts and make an agent."\n`);
  const { asks, asksByRule = asks, drawsForms } = client;
  const way = drawsForms
    ? 'It shows you a form'
    : 'It shows no forms: decide at the desk (countersign open) or in a terminal (countersign review)';
  say(`It asks ${asksByRule}. ${way} where something leaves this computer.\n`);
}

async function takeOut({ client, choice, isDry }: Request, settings: Settings, place: UserPlace, output: Output) {
  const launch = launchOf(client, choice, place, { execPath: process.execPath, script: '', home: settings.home });
  const changes = await changesOf(client.parts(place, launch), (part) => uninstalledChange(part, choice.name));
  const { say } = output;
  if (changes.length === 0) return say(`${client.title} has no "${choice.name}": nothing to change.\n`);
  for (const change of changes) tell(change, output);
  if (isDry) return say('Nothing was written (--dry-run).\n');
  for (const change of changes) makeChange(change, place.home);
  say(`${client.title} has "${choice.name}" no more. What its home holds stays.\n`);
}

async function list(place: UserPlace, { say }: Output): Promise<void> {
  for (const { client, isFound, file, entries, problem } of await clientStates(place)) {
    const own = entries.map(({ name, home }) => `${name}${home === undefined ? '' : `, home ${home}`}`);
    const state =
      problem ?? (own.length > 0 ? `installed: ${own.join('; ')}` : isFound ? 'not installed' : 'not found here');
    say(`${client.id.padEnd(15)} ${visible(state)}${problem === undefined ? ` (${visible(file)})` : ''}\n`);
  }
}

/** `countersign install` and `countersign uninstall`. Returns the exit code. */
export async function manageClients(
  verb: 'install' | 'uninstall',
  settings: Settings,
  args: readonly string[],
  output: Output,
): Promise<number> {
  const place = { platform: process.platform, home: os.homedir(), env: settings.env };
  try {
    if (verb === 'install' && args.length === 1 && args[0] === '--list') await list(place, output);
    else if (args.includes('--service'))
      (verb === 'install' ? installService : uninstallService)(serviceRequestOf(args, settings), place, output);
    else {
      const request = requestOf(args, settings, place);
      await (verb === 'install' ? installInto : takeOut)(request, settings, place, output);
    }
    return 0;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const isUsage = error instanceof Misused || (error instanceof TypeError && 'code' in error);
    output.tell(`${visible(why)}\n${isUsage ? `${howToType('install')}\n${howToType('uninstall')}\n` : ''}`);
    return 1;
  }
}
