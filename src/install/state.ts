import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../domain/base/errors.ts';
import { isObject, type Json } from '../domain/base/json.ts';
import { isThere, readClientFile } from '../files/client-file.ts';
import { putsIn } from './apply.ts';
import type { Launch } from './client-parts.ts';
import { CLIENTS, type ClientProgram } from './clients.ts';
import { openFormat } from './formats.ts';
import { Damaged, type FilePart, jsonAt, type Put } from './part.ts';
import type { UserPlace } from './places.ts';

/**
 * An entry of Countersign: `home` is undefined where it names none. `gone` are programs that it names and that aren't there.
 * `asksByRule` says whether each of its rules to ask is there; `otherRules` are those in whose place a person wrote another one.
 */
export type OwnEntry = { name: string; home: string | undefined; gone: string[] } & Rules;

type Rules = { asksByRule: boolean; otherRules: string[] };

/** How a client stands: whether it is on this machine, its file, and under which names Countersign is in it. */
export type ClientState = {
  client: ClientProgram;
  isFound: boolean;
  file: string;
  entries: OwnEntry[];
  problem?: string;
};

const NO_LAUNCH: Launch = { name: 'countersign', node: '', script: '', env: {}, unlessSet: {} };

function homeIn(entry: Record<string, unknown>): string | undefined {
  const env = entry.env ?? entry.environment;
  const home = isObject(env) ? env.COUNTERSIGN_HOME : undefined;
  return typeof home === 'string' ? home : undefined;
}

/** The absolute paths in an entry's command line that lead nowhere. */
function goneIn({ command, args }: Record<string, unknown>): string[] {
  const words: unknown[] = [command, args].flat();
  return words.filter((word) => typeof word === 'string').filter((word) => path.isAbsolute(word) && !isThere(word));
}

/** The entries of Countersign among the servers that a client lists. */
function ownEntries(servers: Json | undefined): Omit<OwnEntry, keyof Rules>[] {
  const named: [string, Json][] = Array.isArray(servers)
    ? servers.flatMap((entry): [string, Json][] =>
        isObject(entry) && typeof entry.name === 'string' ? [[entry.name, entry]] : [],
      )
    : Object.entries(isObject(servers) ? servers : {});
  return named.flatMap(([name, entry]) =>
    isObject(entry) && (name === 'countersign' || JSON.stringify(entry).includes('countersign'))
      ? [{ name, home: homeIn(entry), gone: goneIn(entry) }]
      : [],
  );
}

/** How many rules there are: a list has one for each of its items. */
function ruleCount(puts: readonly Put[]): number {
  return puts.reduce((sum, { items }) => sum + (items?.length ?? 1), 0);
}

/** The rules by which a client asks for an entry's tools, as its files have them. */
async function rulesIn(parts: readonly FilePart[]): Promise<Rules> {
  const rules: Rules = { asksByRule: true, otherRules: [] };
  for (const { file, format, puts } of parts) {
    const wanted = puts.filter(({ entry }) => entry === undefined);
    if (wanted.length === 0) continue;
    const text = readClientFile(file)?.text ?? '';
    const opened = await openFormat(format);
    const found = putsIn(opened, text, wanted);
    if (ruleCount(found) === ruleCount(wanted)) continue;
    const missing = wanted.filter(({ at }) => !found.some((put) => isDeepStrictEqual(put.at, at)));
    const others = missing.filter(({ keeps, at }) => keeps && jsonAt(opened.parse(text), at) !== undefined);
    rules.asksByRule = false;
    rules.otherRules.push(...others.map(({ at }) => `"${at.join('.')}" in ${file}`));
  }
  return rules;
}

async function entriesIn(client: ClientProgram, place: UserPlace): Promise<OwnEntry[]> {
  const [part] = client.parts(place, NO_LAUNCH);
  const [put] = part?.puts ?? [];
  const text = part && readClientFile(part.file)?.text;
  if (part === undefined || put === undefined || text === undefined) return [];
  const at = put.items === undefined ? put.at.slice(0, -1) : put.at;
  const found: OwnEntry[] = [];
  for (const entry of ownEntries(jsonAt((await openFormat(part.format)).parse(text), at))) {
    const parts = client.parts(place, { ...NO_LAUNCH, name: entry.name });
    const rules = await rulesIn(parts);
    found.push({ ...entry, ...rules, asksByRule: client.asksByRule !== undefined && rules.asksByRule });
  }
  return found;
}

async function stateOf(client: ClientProgram, place: UserPlace): Promise<ClientState> {
  const file = client.parts(place, NO_LAUNCH)[0]?.file ?? '';
  const state = { client, isFound: client.signs(place).some(isThere), file, entries: [] };
  try {
    return { ...state, entries: await entriesIn(client, place) };
  } catch (error) {
    if (error instanceof Damaged) return { ...state, problem: `${file} can't be understood: ${error.message}` };
    if (error instanceof AppError) return { ...state, problem: error.message };
    throw error;
  }
}

/** How each client stands on this machine. */
export async function clientStates(place: UserPlace): Promise<ClientState[]> {
  const states: ClientState[] = [];
  for (const client of CLIENTS) states.push(await stateOf(client, place));
  return states;
}
