import fs from 'node:fs';
import path from 'node:path';
import { type TestTools, testTools } from './tool-server.ts';

const SCRIPT = new URL('./raw-tool-server.mjs', import.meta.url).pathname;

/** What the server of `raw-tool-server.mjs` says, whatever it is. */
export type RawWords = {
  pages: readonly unknown[];
  cursors?: readonly string[];
  answers?: Record<string, object>;
  modern?: boolean;
  garbage?: string;
};

/** A server whose list of tools is exactly this, and that may say something else later. Not started yet. */
export function rawTools(
  words: RawWords,
  env: Record<string, string> = {},
): TestTools & { say: (words: RawWords) => void } {
  const tools = testTools();
  const file = path.join(tools.folder, 'words.json');
  const say = (given: RawWords) => fs.writeFileSync(file, JSON.stringify(given));
  say(words);
  const entry = () => ({ command: process.execPath, args: [SCRIPT], env: { RAW_FILE: file, ...env } });
  return { ...tools, entry, say };
}

/** A tool that takes an object, with these parts of its definition changed. */
export function aDefinition(name: unknown, changes: object = {}): object {
  return { name, description: `Does ${String(name)}.`, inputSchema: { type: 'object' }, ...changes };
}
