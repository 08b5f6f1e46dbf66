import { parseArgs } from 'node:util';
import { lookAlike } from '../domain/access/look-alikes.ts';
import { DEFAULT_SCOPES, isInForce, makeToken, type Token, type TokenRequest } from '../domain/access/token.ts';
import { OWNER_ID, ROLES, SCOPES } from '../domain/base/author.ts';
import { createIds } from '../domain/base/ids.ts';
import { DIALECT_NAMES } from '../domain/dialects/mapping/dialect.ts';
import { visible } from '../domain/text/visible.ts';
import { type TokenFiles, tokenFilesOf } from '../files/token-files.ts';
import { depsOf, userName } from '../process/deps.ts';
import type { Settings } from '../process/environment.ts';
import { openStore } from '../process/house.ts';
import { homeTokens } from '../process/tokens.ts';
import type { SharedTokens } from '../store/store.ts';
import type { Output } from './brake.ts';
import { howToType } from './help.ts';

const LONGEST_NAME = 100;
/** The tokens there are, and the clock that says until when they count. */
type TokenMeans = { files: TokenFiles; now: () => Date };

/** A hundred years. A token without `--days` is for ever. */
const MOST_DAYS = 36_500;

/** An error in the words of the command, for the person who typed it. */
class Misused extends Error {}

function among<T extends string>(known: readonly T[], word: string, what: string): T {
  const found = known.find((each) => each === word);
  if (found === undefined) throw new Misused(`"${word}" is no ${what}. There are ${known.join(', ')}.`);
  return found;
}

function wholeNumber(word: string, what: string, most = Number.MAX_SAFE_INTEGER): number {
  const number = Number(word);
  if (!Number.isSafeInteger(number) || number < 1 || number > most)
    throw new Misused(`${what} takes a whole number from 1 to ${most}, not "${word}".`);
  return number;
}

function scopesOf(words: string | undefined): TokenRequest['scopes'] {
  if (words === undefined) return DEFAULT_SCOPES;
  const named = words.split(/[,\s]+/).filter((word) => word !== '');
  // `read` is how people say `agents:read`.
  const found = named.map((word) => among(SCOPES, word.includes(':') ? word : `agents:${word}`, 'scope'));
  if (found.length === 0) throw new Misused(`--scopes names none. There are ${SCOPES.join(', ')}.`);
  return SCOPES.filter((scope) => found.includes(scope));
}

/** The id of the person with a name: the home's owner by the OS user's name, whoever has a token under it, else a new one. */
function personOf(name: string, tokens: readonly Token[]): string {
  const owner = userName();
  const others = [owner, ...tokens.map((token) => token.name)];
  const alike = others.find((other) => lookAlike(name, other));
  if (alike !== undefined)
    throw new Misused(
      `"${visible(name)}" could be taken for "${visible(alike)}". Give that name exactly for the same person, or another one.`,
    );
  if (name === owner) return OWNER_ID;
  return tokens.find((token) => token.name === name)?.person ?? createIds(() => new Date())('per');
}

function requestOf(args: readonly string[], tokens: readonly Token[]): TokenRequest {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { scopes: text, role: text, team: text, days: text, dialect: text },
  });
  const [name = '', ...more] = positionals.map((word) => word.trim());
  if (name === '' || more.length > 0) throw new Misused('token add takes one name, in quotes where it has spaces.');
  if (name.length > LONGEST_NAME || visible(name) !== name || /[()\p{C}]/u.test(name))
    throw new Misused(`A name has at most ${LONGEST_NAME} characters, all of them visible, and no brackets.`);
  return {
    ...{ name, person: personOf(name, tokens), scopes: scopesOf(values.scopes) },
    role: among(ROLES, values.role ?? 'member', 'role'),
    team: wholeNumber(values.team ?? '1', '--team'),
    ...(values.days === undefined ? {} : { days: wholeNumber(values.days, '--days', MOST_DAYS) }),
    ...(values.dialect === undefined ? {} : { dialect: among(DIALECT_NAMES, values.dialect, 'dialect') }),
  };
}

/** Makes a token, keeps its digest, and gives its text, which is nowhere else. */
function addToken({ files, now }: TokenMeans, request: TokenRequest): { text: string; token: Token } {
  const made = makeToken(request, now());
  files.write(made.token);
  return made;
}

function add(means: TokenMeans, args: readonly string[], { say, tell }: Output): void {
  const { text, token } = addToken(means, requestOf(args, means.files.all()));
  tell(`Token ${token.id} for ${token.name}: ${token.role} of team ${token.team}, ${token.scopes.join(', ')}`);
  tell(`, ${token.expires_at === undefined ? 'until it is revoked' : `until ${token.expires_at}`}.\n`);
  tell('It is shown once. A client sends it as "Authorization: Bearer TOKEN":\n');
  say(`${text}\n`);
}

function stateOf(token: Token, now: Date): string {
  if (token.revoked_at !== undefined) return `revoked ${token.revoked_at}`;
  if (!isInForce(token, now)) return `over since ${token.expires_at}`;
  return token.expires_at === undefined ? 'in force' : `until ${token.expires_at}`;
}

function list({ files, now: clock }: TokenMeans, args: readonly string[], { say, tell }: Output): void {
  if (args.length > 0) throw new Misused('token list takes nothing more.');
  const tokens = files.all();
  if (tokens.length === 0) tell('There is no token yet: countersign token add NAME\n');
  const now = clock();
  for (const token of tokens) {
    const { id, name, role, team, scopes, dialect, created_at } = token;
    const facts = [`${role} of team ${team}`, scopes.join(' '), ...(dialect === undefined ? [] : [dialect])];
    say(`${[id, visible(name), ...facts, `made ${created_at}`, stateOf(token, now)].join(' · ')}\n`);
  }
}

function revoke({ files, now }: TokenMeans, args: readonly string[], { tell }: Output): void {
  const [id = '', ...more] = args;
  if (id === '' || more.length > 0) throw new Misused('token revoke takes one id, as token list shows it.');
  const token = /^[a-z0-9]{12}$/.test(id) ? files.read(id) : undefined;
  if (token === undefined)
    throw new Misused(`There is no token "${visible(id)}". countersign token list shows their ids.`);
  if (token.revoked_at !== undefined) throw new Misused(`Token ${id} was revoked already, ${token.revoked_at}.`);
  files.write({ ...token, revoked_at: now().toISOString() });
  tell(`Token ${id} of ${visible(token.name)} is revoked. What it has open ends within a second.\n`);
}

const VERBS = new Map([
  ['add', add],
  ['list', list],
  ['revoke', revoke],
]);

/** `countersign token`: makes, lists and revokes tokens. Returns the exit code. */
export function manageTokens(
  { home }: Pick<Settings, 'home'>,
  args: readonly string[],
  output: Output,
  means: TokenMeans = { files: tokenFilesOf(home), now: () => new Date() },
): number {
  const [verb = '', ...rest] = args;
  const act = VERBS.get(verb);
  try {
    if (act === undefined) throw new Misused(verb === '' ? 'Say what to do.' : `"${visible(verb)}" is nothing to do.`);
    act(means, rest, output);
    return 0;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    output.tell(`${visible(why)}\n${error instanceof Misused ? `${howToType('token')}\n` : ''}`);
    return 1;
  }
}

/** Does the same with tokens of a database: they are read before, and written before anything is said. */
async function manageShared(
  shared: SharedTokens,
  args: readonly string[],
  output: Output,
  asked: AskedTokens,
): Promise<number> {
  const { settings, now } = asked;
  const known = new Map((await shared.all()).map((token) => [token.id, token]));
  const written: Token[] = [];
  const files: TokenFiles = {
    read: (id) => known.get(id),
    all: () => [...known.values()],
    write: (token) => void written.push(token),
  };
  const said: (() => void)[] = [];
  const later: Output = {
    say: (text) => void said.push(() => output.say(text)),
    tell: (text) => void said.push(() => output.tell(text)),
  };
  const code = manageTokens(settings, args, later, { files, now });
  for (const token of written) await shared.write(token);
  for (const speak of said) speak();
  return code;
}

type AskedTokens = { settings: Settings; now: () => Date };

/** `countersign token`, over the tokens of the home in the settings' database where they name one. Returns the exit code. */
export async function tokenCommand(settings: Settings, args: readonly string[], output: Output): Promise<number> {
  if (settings.database === undefined) return manageTokens(settings, args, output);
  const deps = depsOf(settings);
  try {
    const store = await openStore(settings, deps, { raises: false });
    const shared = homeTokens(store, settings.home);
    return await manageShared(shared, args, output, { settings, now: deps.now }).finally(() => store.close());
  } catch (error) {
    output.tell(`${visible(error instanceof Error ? error.message : String(error))}\n`);
    return 1;
  }
}
