import type { Tool } from '../src/mcp/define-tool.ts';
import { inputJson } from '../src/mcp/schema.ts';
import { TOOLS } from '../tools/index.ts';

const START = '<!-- tools: made by npm run readme -->';
const END = '<!-- /tools -->';

function row(tool: Tool): string {
  const { required } = inputJson(tool);
  const needed: unknown[] = Array.isArray(required) ? required : [];
  const args = Object.keys(tool.input.shape).map((name) => (needed.includes(name) ? name : `${name}?`));
  const firstSentence = tool.description.split(/(?<=[.:])\s/)[0]?.replace(/:$/, '.') ?? '';
  return `| \`${tool.name}\` | ${args.join(' ')} | ${firstSentence} |`;
}

/** README text with its table of tools as the server offers them. */
export function withToolTable(readme: string): string {
  const table = ['| tool | arguments (? optional) | what it does |', '|---|---|---|', ...TOOLS.map(row)].join('\n');
  const [before, rest] = readme.split(START);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md needs the lines ${START} and ${END}`);
  return `${before}${START}\n${table}\n${END}${after}`;
}
