import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { describe, expect, it, onTestFinished } from 'vitest';

const PROGRAM = new URL('../../dist/countersign.js', import.meta.url).pathname;

/** Where a client keeps its servers below somebody's home directory, in which field, and as whom it says hello. */
const KINDS: [kind: string, settings: string, field: string, name: string][] = [
  ['claude-desktop', '.config/Claude/claude_desktop_config.json', 'mcpServers', 'claude-ai'],
  ['cursor', '.cursor/mcp.json', 'mcpServers', 'cursor-vscode'],
  ['vscode', '.config/Code/User/mcp.json', 'servers', 'Visual Studio Code'],
  ['gemini', '.gemini/settings.json', 'mcpServers', 'gemini-cli-mcp-client'],
];

/** Somebody's home directory with a list of people in Downloads, and a client that was installed there and is started. */
async function installed([kind, settings, field, name]: (typeof KINDS)[number], more: Record<string, string> = {}) {
  const home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'words-')));
  onTestFinished(() => fs.rmSync(home, { recursive: true, force: true }));
  fs.mkdirSync(path.join(home, 'Downloads'));
  const people = path.join(home, 'Downloads', 'people.csv');
  fs.writeFileSync(people, 'email,firstname\nada@northwind.example,Ada\n');
  const said = execFileSync(process.execPath, [PROGRAM, 'install', kind], {
    env: { PATH: process.env.PATH, HOME: home },
  }).toString();
  const { command, args, env } = JSON.parse(fs.readFileSync(path.join(home, settings), 'utf8'))[field].countersign;
  const client = new Client({ name, version: '1' });
  const begun = { command, args, env: { ...env, ...more, PATH: '', HOME: home }, cwd: '/' };
  await client.connect(new StdioClientTransport(begun));
  onTestFinished(() => client.close());
  const call = async (tool: string, values: Record<string, unknown> = {}) =>
    JSON.parse(JSON.stringify(await client.callTool({ name: tool, arguments: values })));
  return { said, people, lead: client.getInstructions() ?? '', call };
}

/** Plays what the instructions say, by what each answer names next, up to the row that waits. */
async function played({ call, people }: Awaited<ReturnType<typeof installed>>) {
  const structured = async (tool: string, values?: Record<string, unknown>) => {
    const { structuredContent } = await call(tool, values);
    return structuredContent;
  };
  expect(await structured('import_contacts', { path: people })).toMatchObject({ created: 1 });
  const [template] = (await structured('list_templates')).templates;
  const { agent } = await structured('create_agent', { name: 'Welcome', playbook_template: template.name });
  const run = await structured('trigger_agent', { agent_id: agent.id });
  const next = /list_pending_actions (\{.*\})/.exec(run.next)?.[1] ?? '';
  const [row] = (await structured('list_pending_actions', JSON.parse(next))).actions;
  const { run_id, contact_id, action_index, digest } = row;
  return { row, named: { run_id, contact_id, action_index, expected_digest: digest } };
}

describe.each(KINDS)('the first words after installing in %s', (...kind) => {
  it('bring contacts in, make an agent, and write what a person approved', async () => {
    const person = await installed(kind);
    expect(person.said).toContain('"Import my contacts and make an agent."');
    for (const tool of ['import_contacts', 'list_templates', 'create_agent', 'trigger_agent', 'list_pending_actions'])
      expect(person.lead).toContain(tool);
    const { row, named } = await played(person);
    expect(row).toMatchObject({ to: 'ada@northwind.example', type: 'email_message' });
    const { structuredContent } = await person.call('approve_action', named);
    const { status, result } = structuredContent.action;
    expect([status, result.note]).toEqual(['executed', 'written, not sent']);
    expect(fs.readFileSync(result.path, 'utf8')).toContain('To: Ada <ada@northwind.example>');
  });

  it('end at a refusal that says where a yes is given, where one is asked for that this client has not', async () => {
    const person = await installed(kind, { COUNTERSIGN_MIN_PROOF: 'human' });
    const { named } = await played(person);
    const refused = await person.call('approve_action', named);
    expect(refused.isError).toBe(true);
    expect(refused.content[0].text).toContain('open_desk');
    expect(person.said).toMatch(/the desk|a form/);
  });
});
