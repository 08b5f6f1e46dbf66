import { spawnSync } from 'node:child_process';
import { visible } from '../domain/text/visible.ts';
import { isThere, readClientFile, removeClientFile, writeClientFile } from '../files/client-file.ts';
import { difference } from '../install/difference.ts';
import { lastingNode } from '../install/launch.ts';
import { untouched } from '../install/part.ts';
import type { UserPlace } from '../install/places.ts';
import { copyProgram, lastingProgram } from '../install/program.ts';
import { isOwnService, type ManagerCall, type ServiceFile, serviceFile } from '../install/service.ts';
import type { Output } from './brake.ts';

/** What a person asked of the service: for which home, under which name, on which port. */
export type ServiceRequest = { name: string; home: string; port: string | undefined; isDry: boolean };

const MANAGER_MS = 20_000;

/** Asks the platform's service manager. Where it isn't there or refuses, the command is told, for the person to run. */
function ask(calls: readonly ManagerCall[], { say }: Output): boolean {
  for (const [command, ...args] of calls) {
    const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: MANAGER_MS });
    if (status === 0) continue;
    const why = error?.message ?? stderr.trim().split('\n').at(-1) ?? '';
    say(`${command} did not do it (${visible(why)}). Run yourself:\n`);
    for (const call of calls)
      say(`  ${visible(call.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' '))}\n`);
    return false;
  }
  return true;
}

/** The text of a service's file, which Windows has in UTF-16. */
function textOf(content: string | Buffer): string {
  const text = typeof content === 'string' ? content : content.toString('utf16le');
  return text.replace(/^\uFEFF/, '');
}

/** The bytes of a service's file that is there. Somebody else's is left alone. */
function ownBytes(file: string): Buffer | undefined {
  if (!isThere(file)) return undefined;
  const bytes = readClientFile(file, { isText: false })?.bytes;
  if (bytes !== undefined && !isOwnService(bytes)) throw untouched(file, 'Countersign did not make it');
  return bytes;
}

function serviceOf({ name, home, port }: ServiceRequest, place: UserPlace) {
  const program = lastingProgram(process.argv[1] ?? '');
  const served = { name, node: lastingNode(process.execPath), script: program.script, home, port };
  return { program, service: serviceFile(served, place, process.getuid?.() ?? 0) };
}

function write(
  { file, content }: ServiceFile,
  bytes: Buffer | undefined,
  request: ServiceRequest,
  { say }: Output,
): boolean {
  const before = bytes === undefined ? '' : textOf(file.endsWith('.xml') ? bytes : bytes.toString('utf8'));
  if (bytes?.equals(Buffer.from(content))) {
    say(`${visible(file)} is as it should be.\n`);
    return true;
  }
  say(`${visible(file)}${bytes === undefined ? ' (new)' : ''}\n`);
  for (const line of difference(before, textOf(content))) say(`  ${line}\n`);
  if (request.isDry) {
    say('Nothing was written (--dry-run).\n');
    return false;
  }
  writeClientFile(file, content, undefined);
  return true;
}

/** Has the platform run `serve` on a home whenever its person is logged in. */
export function installService(request: ServiceRequest, place: UserPlace, output: Output): void {
  const { program, service } = serviceOf(request, place);
  const bytes = ownBytes(service.file);
  if (!request.isDry) copyProgram(program);
  if (!write(service, bytes, request, output) || request.isDry) return;
  if (!ask(service.start, output)) return;
  output.say(`It serves ${visible(request.home)} now, and at each login. countersign doctor says whether it runs.\n`);
}

/** Stops that, and removes its file. */
export function uninstallService(request: ServiceRequest, place: UserPlace, output: Output): void {
  const { service } = serviceOf(request, place);
  const { say } = output;
  const isHere = ownBytes(service.file) !== undefined;
  if (isHere) say(`${visible(service.file)} (goes)\n`);
  else say('There is no service: nothing to change.\n');
  if (isHere && request.isDry) say('Nothing was written (--dry-run).\n');
  if (!isHere || request.isDry) return;
  ask(service.stop, output);
  removeClientFile(service.file, place.home);
  say('The service is gone. What its home holds stays.\n');
}
