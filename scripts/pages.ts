import { TEMPLATES } from '../src/domain/templates/index.ts';
import type { Prompt } from '../src/mcp/define-prompt.ts';
import type { ResourceView, Tool } from '../src/mcp/define-tool.ts';
import { PROMPTS } from '../src/mcp/prompts/index.ts';
import { inputJson } from '../src/mcp/schema.ts';
import { TOOLS } from '../tools/index.ts';

/** A table that is made from the code. It stands in its page between the lines `startOf(name)` and `endOf(name)`. */
type Table = { page: string; name: string; head: readonly string[]; rows: () => string[][] };

function code(text: string): string {
  return `\`${text}\``;
}

function codes(texts: readonly string[]): string {
  return texts.map(code).join(', ');
}

function argumentsOf(tool: Tool): string {
  const { required } = inputJson(tool);
  const needed: unknown[] = Array.isArray(required) ? required : [];
  return Object.keys(tool.input.shape)
    .map((name) => (needed.includes(name) ? name : `${name}?`))
    .join(' ');
}

function firstSentence({ description }: Tool): string {
  return description.split(/(?<=[.:])\s/)[0]?.replace(/:$/, '.') ?? '';
}

function toolRow(tool: Tool): string[] {
  const kind = tool.hints.readOnly ? 'reads' : 'changes';
  return [code(tool.name), tool.toolset, kind, tool.description, codes(Object.keys(tool.output))];
}

function promptRow({ name, description, arguments: given }: Prompt): string[] {
  return [
    code(name),
    given.map((argument) => code(`${argument.name}${argument.required ? '' : '?'}`)).join(' '),
    description,
  ];
}

function resourceRow(tool: Tool, view: ResourceView): string[] {
  return [code(view.uri), code(tool.name), view.description, view.fingerprint ? 'yes' : 'no'];
}

/** The names of the settings that a template's markdown lists below "Settings (playbook.config)". */
function settingsIn(markdown: string): string[] {
  const [, section = ''] = markdown.split('## Settings (playbook.config)\n');
  const [list = ''] = section.split('\n\n');
  return [...list.matchAll(/^- `(\w+)`/gm)].map(([, name = '']) => name);
}

const TABLES: readonly Table[] = [
  {
    page: 'README.md',
    name: 'tools',
    head: ['tool', 'arguments (? optional)', 'what it does'],
    rows: () => TOOLS.map((tool) => [code(tool.name), argumentsOf(tool), firstSentence(tool)]),
  },
  {
    page: 'docs/tools.md',
    name: 'tool reference',
    head: ['tool', 'set', 'kind', 'what it does', 'gives'],
    rows: () => TOOLS.map(toolRow),
  },
  {
    page: 'docs/tools.md',
    name: 'prompts',
    head: ['prompt', 'arguments (? optional)', 'what it does'],
    rows: () => PROMPTS.map(promptRow),
  },
  {
    page: 'docs/tools.md',
    name: 'resources',
    head: ['resource', 'equals', 'what it is', 'can be subscribed to'],
    rows: () => TOOLS.flatMap((tool) => tool.resources.map((view) => resourceRow(tool, view))),
  },
  {
    page: 'docs/templates.md',
    name: 'templates',
    head: ['template', 'what it does', 'capabilities', 'settings'],
    rows: () =>
      TEMPLATES.map(({ name, description, capabilities, playbook_md }) => [
        code(name),
        description,
        codes(capabilities),
        codes(settingsIn(playbook_md)),
      ]),
  },
];

/** The pages that hold a table made from the code, by their paths from the repository's root. */
export const PAGES: readonly string[] = [...new Set(TABLES.map(({ page }) => page))];

function startOf(name: string): string {
  return `<!-- ${name}: made by npm run readme -->`;
}

function endOf(name: string): string {
  return `<!-- /${name} -->`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function withTable(text: string, { page, name, head, rows }: Table): string {
  const [before, rest] = text.split(startOf(name));
  const after = rest?.split(endOf(name))[1];
  if (before === undefined || after === undefined)
    throw new Error(`${page} needs the lines ${startOf(name)} and ${endOf(name)}`);
  const table = [line(head), `|${'---|'.repeat(head.length)}`, ...rows().map(line)].join('\n');
  return `${before}${startOf(name)}\n${table}\n${endOf(name)}${after}`;
}

/** A page's text, with the tables from the code made anew. Throws where the page lacks the lines around a table. */
export function withTables(page: string, text: string): string {
  return TABLES.filter((table) => table.page === page).reduce(withTable, text);
}
