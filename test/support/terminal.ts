import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type IPty, spawn } from '@lydell/node-pty';
import { expect, onTestFinished } from 'vitest';
import { BUNDLE, baseEnv, startServer, temporaryHome } from './server.ts';

/** A pseudo-terminal in which `countersign review` runs. */
export type TestTerminal = {
  /** Waits for words on the screen, after the words of the last wait, and gives the match. */
  until: (words: string | RegExp) => Promise<RegExpMatchArray>;
  type: (line: string) => void;
  press: (keys: string) => void;
  /** Everything that the program wrote, with escape sequences. */
  raw: () => string;
  exit: Promise<number>;
  /** Closes the terminal, as a person closes its window. */
  hangUp: () => void;
  pid: number;
  /** Where the program puts its temporary files. */
  temporary: string;
};

/** Ends the wait for words that never come, and says what the screen shows instead. */
const PATIENCE_MS = 60_000;

function literal(words: string): RegExp {
  return new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

function reader(terminal: IPty) {
  let raw = '';
  let seen = 0;
  const waiting = new Set<() => void>();
  terminal.onData((data) => {
    raw += data;
    for (const look of waiting) look();
  });
  const until = (words: string | RegExp) =>
    new Promise<RegExpMatchArray>((resolve, reject) => {
      const pattern = typeof words === 'string' ? literal(words) : words;
      const look = () => {
        const text = stripVTControlCharacters(raw).replaceAll('\r', '');
        const match = text.slice(seen).match(pattern);
        if (!match) return text;
        seen += (match.index ?? 0) + match[0].length;
        waiting.delete(look);
        clearTimeout(timer);
        resolve(match);
        return text;
      };
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`the screen never showed ${pattern}, but:\n${look()}`));
      }, PATIENCE_MS);
      waiting.add(look);
      look();
    });
  return { until, raw: () => raw };
}

/** Starts the built `countersign review`, another command or a shell command, in a pseudo-terminal that ends with the test. */
export function openReview(
  home: string,
  {
    command = 'review',
    args = [],
    env = {},
    shell,
    columns = 100,
  }: Partial<{ command: string; args: string[]; env: Record<string, string>; shell: string; columns: number }> = {},
): TestTerminal {
  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-tty-'));
  const [file, given] = shell ? ['/bin/sh', ['-c', shell]] : [process.execPath, [BUNDLE, command, ...args]];
  const terminal = spawn(file, given, {
    cols: columns,
    rows: 40,
    env: { ...baseEnv(home), TMPDIR: temporary, TERM: 'xterm-256color', BUNDLE, NODE: process.execPath, ...env },
  });
  let isOver = false;
  const exit = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      isOver = true;
      resolve(signal ? 128 + signal : exitCode);
    });
  });
  onTestFinished(async () => {
    if (!isOver) terminal.kill('SIGKILL');
    await exit;
    fs.rmSync(temporary, { recursive: true, force: true });
  });
  const { until, raw } = reader(terminal);
  return {
    until,
    raw,
    exit,
    temporary,
    pid: terminal.pid,
    type: (line) => terminal.write(`${line}\r`),
    press: (keys) => terminal.write(keys),
    hangUp: () => {
      // `destroy` closes our end of the terminal. The library's types leave it out.
      if ('destroy' in terminal && typeof terminal.destroy === 'function') terminal.destroy();
    },
  };
}

export const PROPOSALS = {
  EMAIL: { type: 'email_message', params: { subject: 'Hello there', message: 'Line one\n\nLine two' } },
  NOTE: { type: 'note', params: { body: 'A note' } },
};
export const PAT = { id: 'p', email: 'pat@example.com', firstname: 'Pat', company: 'Example BV' };

/** A server, with actions that wait for `countersign review` on the same home. */
export async function waiting(
  propose: object[],
  settings: object = {},
  contacts: object[] = [PAT],
  env = {},
  home = temporaryHome(),
) {
  const server = await startServer({ env, home });
  onTestFinished(() => server.close());
  await server.call('import_contacts', {
    contacts,
    events: [{ type: 'page', userId: 'p', properties: { path: '/pricing' }, timestamp: '2026-01-05T10:00:00Z' }],
  });
  const { agent } = await server.call('create_agent', {
    name: 'Follow-up',
    capabilities: ['email', 'notes', 'webhook'],
    playbook: { rules: [{ name: 'all', reasoning: 'Pat looked at prices.', propose }] },
    approval: { min_proof: 'human' },
    ...settings,
  });
  const { run_id } = await server.call('trigger_agent', { agent_id: agent.id });
  // A terminal that opens earlier has nothing to show.
  await expect.poll(async () => (await server.call('get_run', { run_id })).run.status).toBe('completed');
  const actions = async () => {
    const { run } = await server.call('get_run', { run_id });
    return run.contact_results.flatMap((result: { proposed_actions: object[] }) => result.proposed_actions);
  };
  return { server, agent, home: server.home, run_id, actions, at: { run_id, contact_id: 'p', action_index: 0 } };
}

export async function codeOn(terminal: TestTerminal): Promise<string> {
  const [, code = ''] = await terminal.until(/Type ([a-z0-9]{4}) to go ahead/);
  return code;
}

export const MENU = '[q]uit >';

export async function approve(terminal: TestTerminal): Promise<void> {
  await terminal.until(MENU);
  terminal.type('a');
  terminal.type(await codeOn(terminal));
}

/** An editor for `VISUAL` that runs these lines of JavaScript: `text` is the file's content, `save` writes the file. */
export function anEditor(home: string, lines: string): Record<string, string> {
  const file = path.join(home, 'editor.mjs');
  const head = "import fs from 'node:fs';\nimport path from 'node:path';\nconst file = process.argv[2];\n";
  const given = "const text = fs.readFileSync(file, 'utf8');\nconst save = (text) => fs.writeFileSync(file, text);\n";
  fs.writeFileSync(file, `${head}${given}${lines}\n`);
  return { VISUAL: `'${process.execPath}' '${file}'` };
}
