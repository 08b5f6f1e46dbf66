import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Starts the built server as a child process on a fresh home, and connects an MCP client to it. `onForm` answers the
 * server's forms in the person's place; without it the client says that it can't show any.
 */
export async function startServer(allowDirs, settings = {}, onForm) {
  const home = await mkdtemp(path.join(os.tmpdir(), 'countersign-demo-'));
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('COUNTERSIGN_'));
  // The demo opens nobody's browser: where CI is set, the desk doesn't open by itself.
  const env = { ...Object.fromEntries(own), CI: '1' };
  // `--postgres` names the database that it has made.
  const { DEMO_DATABASE_URL: url } = process.env;
  const database = url === undefined ? {} : { COUNTERSIGN_DATABASE_URL: url };
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [path.join(ROOT, 'dist', 'countersign.js')],
    env: {
      ...env,
      COUNTERSIGN_HOME: home,
      COUNTERSIGN_ALLOW_DIRS: allowDirs.join(path.delimiter),
      ...database,
      ...settings,
    },
    stderr: 'inherit',
  });
  const capabilities = onForm ? { elicitation: { form: {} } } : {};
  const options = { versionNegotiation: { mode: 'auto' }, capabilities };
  const client = new Client({ name: 'countersign-demo', version: '1.0.0' }, options);
  if (onForm) client.setRequestHandler('elicitation/create', async ({ params }) => onForm(params));
  await client.connect(transport);
  return { client, home, root: ROOT };
}

/** Calls a tool and gives its structured content. An error of the tool ends the demo with one line. */
export async function call(client, name, args) {
  const result = await client.callTool({ name, arguments: args }, { timeout: 60_000 });
  if (!result.isError) return result.structuredContent;
  const [item] = result.content;
  const { error } = JSON.parse(item.text);
  throw new Error(`${name}: ${error.code}: ${error.message}`);
}

export const you = (text) => console.log(`\n  You        ${text}`);
export const assistant = (text) => console.log(`  Assistant  ${text.replaceAll('\n', '\n             ')}`);
export const tool = (name, text) => console.log(`             → ${name}: ${text}`);

/** Draws a form as a client does: the short lines, the whole text of its one field, and the answers to choose from. */
export function drawForm({ message, requestedSchema }, chosen) {
  const { description, enum: answers } = requestedSchema.properties.decision;
  const choices = answers.map((answer) => (answer === chosen ? `(•) ${answer}` : `( ) ${answer}`)).join('   ');
  const lines = [...message.split('\n'), '', ...description.split('\n'), '', choices];
  console.log(`\n             ┌─ Your client asks you ${'─'.repeat(50)}`);
  for (const line of lines) console.log(`             │ ${line}`.trimEnd());
  console.log(`             └${'─'.repeat(73)}\n`);
}
