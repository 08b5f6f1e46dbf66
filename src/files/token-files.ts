import fs from 'node:fs';
import path from 'node:path';
import { type Token, tokenFrom } from '../domain/access/token.ts';
import { AppError } from '../domain/base/errors.ts';
import { errorCode, makeFolder, readIfThere, replaceFile } from './durable.ts';

/** The tokens of a home: `HOME/tokens/ID.json`, a file each, so that two terminals never write over each other's. */
export type TokenFiles = {
  /** The token with an id; undefined where there is none. Reads its file each time. */
  read: (id: string) => Token | undefined;
  /** All tokens, the oldest first. */
  all: () => Token[];
  write: (token: Token) => void;
};

/** Throws STORE_ERROR where a file holds no token, so that nobody takes a broken one for a revoked one. */
function parsed(file: string, bytes: Buffer): Token {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    value = undefined;
  }
  const token = tokenFrom(value);
  if (token) return token;
  throw new AppError('STORE_ERROR', `${file} holds no token. Remove it, and add a new token in its place.`);
}

export function tokenFilesOf(home: string): TokenFiles {
  const folder = path.join(home, 'tokens');
  const fileOf = (id: string) => path.join(folder, `${id}.json`);
  function read(id: string): Token | undefined {
    const bytes = readIfThere(fileOf(id));
    return bytes && parsed(fileOf(id), bytes);
  }
  return {
    read,
    all() {
      let names: string[];
      try {
        names = fs.readdirSync(folder);
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return [];
        throw error;
      }
      const ids = names.flatMap((name) => /^([a-z0-9]{12})\.json$/.exec(name)?.[1] ?? []);
      const found = ids.flatMap((id) => read(id) ?? []);
      return found.sort((one, other) => (one.created_at < other.created_at ? -1 : 1));
    },
    write(token) {
      makeFolder(home);
      makeFolder(folder);
      replaceFile(fileOf(token.id), `${JSON.stringify(token, null, 2)}\n`);
    },
  };
}
