import path from 'node:path';
import envPaths from 'env-paths';
import { TOOLSETS } from '../mcp/toolsets.ts';

/**
 * What the environment says about a process. `home` is an absolute path; `env` lacks the variables that count as unset.
 */
export type Settings = {
  home: string;
  logLevel: string;
  toolsets: ReadonlySet<string>;
  readOnly: boolean;
  /** The database that stands in the place of the home's log and state, where there is one. */
  database?: DatabaseSettings;
  env: Readonly<Record<string, string | undefined>>;
};

/** The URLs of a database, as they were given: of the role that works in it, and of the one that owns its schema. */
export type DatabaseSettings = { url: string; ownerUrl?: string };

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const PROOFS = ['client', 'elicited', 'human', 'signed'];

/**
 * Whether a variable counts as unset. Desktop clients pass a literal `${user_config.x}` where the person left x empty.
 */
export function isLeftUnset(value: string | undefined): boolean {
  return value === undefined || value.trim() === '' || /^\$\{user_config\.[^}]*\}$/.test(value.trim());
}

/**
 * The environment with the folders for imports that a bundle passes as words, `--allow-dirs A B`: a setting of several
 * folders fills no variable. Clients that leave names of folders in it have them filled in.
 */
export function withFolders(
  environment: Readonly<Record<string, string | undefined>>,
  words: readonly string[],
  homeDirectory: string,
): Readonly<Record<string, string | undefined>> {
  const downloads = path.join(homeDirectory, 'Downloads');
  const folders = words
    .filter((word) => !isLeftUnset(word))
    .map((word) => word.replace('${HOME}', homeDirectory).replace('${DOWNLOADS}', downloads));
  return folders.length === 0 ? environment : { ...environment, COUNTERSIGN_ALLOW_DIRS: folders.join(path.delimiter) };
}

/** Where the data is unless the person says otherwise: the platform's data folder. */
export function defaultHome(): string {
  return path.resolve(envPaths('countersign', { suffix: '' }).data);
}

function listOf(value: string | undefined): string[] {
  return (value ?? '').split(/[,\s]+/).filter((word) => word !== '');
}

/** The URLs of the database, taken out of the environment: they hold passwords, and nothing else has to do with them. */
function takeDatabase(env: Record<string, string | undefined>): Pick<Settings, 'database'> {
  const { COUNTERSIGN_DATABASE_URL: url, COUNTERSIGN_DATABASE_OWNER_URL: ownerUrl } = env;
  delete env.COUNTERSIGN_DATABASE_URL;
  delete env.COUNTERSIGN_DATABASE_OWNER_URL;
  return url === undefined ? {} : { database: { url, ...(ownerUrl === undefined ? {} : { ownerUrl }) } };
}

/** The settings in an environment, or the first problem that keeps the server from starting. */
export function settingsOf(
  environment: Readonly<Record<string, string | undefined>>,
  homeDirectory: string,
): Settings | { problem: string } {
  const env: Record<string, string | undefined> = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => !isLeftUnset(value)),
  );
  const toolsets = listOf(env.COUNTERSIGN_TOOLSETS);
  const unknown = toolsets.filter((name) => !TOOLSETS.some((known) => known === name));
  if (unknown.length > 0)
    return {
      problem: `COUNTERSIGN_TOOLSETS names ${unknown.join(', ')}; this build has tools in ${TOOLSETS.join(', ')} only.`,
    };
  const logLevel = env.COUNTERSIGN_LOG ?? 'warn';
  if (!LOG_LEVELS.includes(logLevel))
    return { problem: `COUNTERSIGN_LOG is "${logLevel}"; it takes ${LOG_LEVELS.join(', ')}.` };
  const proof = env.COUNTERSIGN_MIN_PROOF;
  if (proof !== undefined && !PROOFS.includes(proof))
    return { problem: `COUNTERSIGN_MIN_PROOF is "${proof}"; it takes ${PROOFS.join(', ')}.` };
  const timeout = env.COUNTERSIGN_MODEL_TIMEOUT;
  if (timeout !== undefined && !(Number(timeout) > 0 && Number(timeout) <= 3600))
    return { problem: `COUNTERSIGN_MODEL_TIMEOUT is "${timeout}"; it takes seconds, up to 3600.` };
  const home = env.COUNTERSIGN_HOME?.replace(/^~(?=$|[\\/])/, homeDirectory);
  return {
    home: home === undefined ? defaultHome() : path.resolve(home),
    logLevel,
    toolsets: new Set(toolsets.length > 0 ? toolsets : TOOLSETS),
    readOnly: env.COUNTERSIGN_READ_ONLY === '1',
    ...takeDatabase(env),
    env,
  };
}
