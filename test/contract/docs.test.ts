import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PAGES as MADE, withTables } from '../../scripts/pages.ts';
import { ACTION_TYPES } from '../../src/actions/index.ts';
import { overview } from '../../src/commands/help.ts';
import { ruleSchema } from '../../src/domain/agents/rule.ts';
import { isObject } from '../../src/domain/base/json.ts';
import { OPERATORS } from '../../src/domain/filter/operators.ts';
import { ACTION_STATUSES } from '../../src/domain/runs/run.ts';
import { compileRules } from '../../src/evaluators/playbook-rules.ts';
import { readConfig } from '../../src/files/config-file.ts';
import { inputJson } from '../../src/mcp/schema.ts';
import { settingsOf } from '../../src/process/environment.ts';
import { TOOLS } from '../../tools/index.ts';
import { codesIn, columnOf, MANUAL, PAGES, readPage, rowsOf, sourceText } from '../support/pages.ts';

const SOURCE = sourceText(['src', 'tools']);

/** The schema at a path of a tool's input schema. A path has names of properties, and `[]` for the items of a list. */
function schemaAt(tool: string, ...steps: string[]): Record<string, unknown> {
  const found = TOOLS.find(({ name }) => name === tool);
  let schema: unknown = found && inputJson(found);
  for (const step of steps) {
    const fields = isObject(schema) ? schema[step === '[]' ? 'items' : 'properties'] : undefined;
    schema = step === '[]' || !isObject(fields) ? fields : fields[step];
  }
  if (!isObject(schema)) throw new Error(`${tool} has no ${steps.join('.')}`);
  return schema;
}

function enumAt(tool: string, ...steps: string[]): unknown[] {
  const { enum: values } = schemaAt(tool, ...steps);
  if (!Array.isArray(values)) throw new Error(`${tool} takes no list of words as ${steps.join('.')}`);
  return values;
}

/** The paths of a schema's fields. Instead of a field that is an object, its own fields: `playbook.rules`. */
function fieldsOf(schema: Record<string, unknown>, prefix = ''): string[] {
  const { properties } = schema;
  return Object.entries(isObject(properties) ? properties : {}).flatMap(([name, field]) => {
    const inner = isObject(field) ? fieldsOf(field, `${prefix}${name}.`) : [];
    return inner.length > 0 && prefix === '' ? inner : [`${prefix}${name}`];
  });
}

/** The words in the source of a type that is a union of words, or of a list of words, by how its declaration begins. */
function wordsOf(declaration: string): string[] {
  const [, words] = SOURCE.split(`${declaration} =`);
  if (words === undefined) throw new Error(`no source has "${declaration}"`);
  return [...words.slice(0, words.search(/;|\]/)).matchAll(/'([^']+)'/g)].map(([, word = '']) => word);
}

function found(pattern: RegExp, text: string): string[] {
  return [...new Set(text.match(pattern) ?? [])].sort();
}

const sorted = (words: readonly unknown[]) => [...new Set(words)].sort();

describe('tables that are made from the code', () => {
  it.each(MADE)('%s is as npm run readme makes it', (page) => {
    expect(readPage(page)).toBe(withTables(page, readPage(page)));
  });
});

describe('the page of settings', () => {
  const OURS = /\bCOUNTERSIGN_[A-Z]+(?:_[A-Z]+)*\b/g;
  const KEYS = /\b[A-Z]+(?:_[A-Z]+)*_API_KEY\b/g;
  const listed = columnOf('docs/settings.md', 'variable');

  it('has every variable that the code reads, and no other', () => {
    expect(sorted(listed)).toEqual(found(OURS, SOURCE));
  });

  it('has every key of a provider, and no page has another', () => {
    const known = found(KEYS, SOURCE);
    expect(known.length).toBeGreaterThan(0);
    for (const page of ['docs/settings.md', 'docs/providers.md']) expect(found(KEYS, readPage(page))).toEqual(known);
    const others = PAGES.flatMap((page) => found(KEYS, readPage(page)).filter((name) => !known.includes(name)));
    expect(others).toEqual([]);
  });

  it('has every variable that another page names', () => {
    const known = [...listed, ...columnOf('docs/settings.md', 'example')];
    const others = PAGES.flatMap((page) =>
      found(OURS, readPage(page))
        .filter((name) => !known.includes(name))
        .map((name) => `${page}: ${name}`),
    );
    expect(others).toEqual([]);
  });

  it.each(['COUNTERSIGN_LOG', 'COUNTERSIGN_MIN_PROOF'])('has the words that %s takes', (name) => {
    const [, meaning] = rowsOf('docs/settings.md', 'variable').find(([first]) => codesIn(first).includes(name)) ?? [];
    const refusal = settingsOf({ [name]: 'nonsense' }, '/home/sam');
    const taken = 'problem' in refusal ? refusal.problem.split('it takes ')[1]?.replace('.', '').split(', ') : [];
    expect(sorted(codesIn(meaning))).toEqual(sorted(taken ?? []));
  });

  it('has the sets that tools are in', () => {
    const row = rowsOf('docs/settings.md', 'variable').find(([name]) => name === '`COUNTERSIGN_TOOLSETS`');
    expect(sorted(codesIn(row?.[1]))).toEqual(sorted(TOOLS.map(({ toolset }) => toolset)));
  });

  it('has the keys of config.json that are read', () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-docs-'));
    const { file: _file, ...read } = readConfig(home);
    expect(sorted(columnOf('docs/settings.md', 'key'))).toEqual(sorted(Object.keys(read)));
  });

  it('has what the bundle asks for', () => {
    const { server, user_config } = JSON.parse(readPage('manifest.json'));
    const titles = Object.values<{ title: string }>(user_config).map(({ title }) => title);
    const rows = rowsOf('docs/settings.md', 'setting');
    expect(rows.map(([title]) => title)).toEqual(titles);
    const asked = Object.entries(server.mcp_config.env).filter(([, value]) =>
      String(value).startsWith('${user_config.'),
    );
    // Several folders fill no variable: they are words of the command.
    const folders = ['COUNTERSIGN_ALLOW_DIRS'];
    expect(sorted(columnOf('docs/settings.md', 'setting', 1))).toEqual(
      sorted([...asked.map(([name]) => name), ...folders]),
    );
  });
});

describe('the page of errors', () => {
  it('has every code, and no other', () => {
    expect(columnOf('docs/errors.md', 'code')).toEqual(wordsOf('export type ErrorCode'));
  });
});

describe('the page of actions', () => {
  const rows = rowsOf('docs/actions.md', 'type').map((cells) => cells.map((cell) => codesIn(cell)));

  it('has every type, with its capability, its params and the consent that stops it', () => {
    const wanted = ACTION_TYPES.map(({ type, capability, params, consent }) => [
      [type],
      [capability === 'mcp:' ? 'mcp:<server>' : capability],
      Object.keys(z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' }).properties ?? {}),
      [...consent],
    ]);
    expect(rows.map(([type, capability, params, , consent]) => [type, capability, params, consent])).toEqual(wanted);
  });

  it('has every status', () => {
    expect(columnOf('docs/actions.md', 'status')).toEqual([...ACTION_STATUSES]);
  });
});

describe('the page of runs', () => {
  it('has every status', () => {
    expect(columnOf('docs/runs.md', 'status')).toEqual(enumAt('list_runs', 'status'));
  });
});

describe('the page of imports', () => {
  it('has every format', () => {
    expect(columnOf('docs/import.md', 'format')).toEqual(enumAt('import_contacts', 'format'));
  });

  it('has every field that a column can fill', () => {
    expect(sorted(columnOf('docs/import.md', 'field'))).toEqual(sorted(wordsOf('const FIELDS')));
  });
});

describe('the page of filters', () => {
  it('has every operator', () => {
    expect(sorted(columnOf('docs/filters.md', 'operator'))).toEqual(sorted(OPERATORS));
  });
});

describe('the page of providers', () => {
  it('has every provider', () => {
    expect(sorted(columnOf('docs/providers.md', 'provider'))).toEqual(
      sorted(enumAt('create_agent', 'llm_config', 'provider')),
    );
  });
});

describe('the page of reviews', () => {
  it('has every proof, weakest first', () => {
    expect(columnOf('docs/review.md', 'proof')).toEqual(wordsOf('export type Proof'));
  });
});

describe('the pages of agents and rules', () => {
  it('have every field of an agent', () => {
    expect(columnOf('docs/agents.md', 'field')).toEqual(fieldsOf(schemaAt('create_agent')));
  });

  it('have every status of an agent', () => {
    expect(columnOf('docs/agents.md', 'status')).toEqual(enumAt('create_agent', 'status'));
  });

  it('have every field of a rule', () => {
    const rule = schemaAt('create_agent', 'playbook', 'rules', '[]');
    const when = fieldsOf(schemaAt('create_agent', 'playbook', 'rules', '[]', 'when')).map((name) => `when.${name}`);
    const listed = columnOf('docs/rules.md', 'field');
    expect(sorted(listed)).toEqual(sorted([...Object.keys(isObject(rule.properties) ? rule.properties : {}), ...when]));
  });
});

describe('examples', () => {
  const blocks = ['README.md', ...MANUAL].flatMap((page) =>
    [...readPage(page).matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, text = '']) => ({ page, text })),
  );

  it.each(blocks)('of JSON in $page can be read', ({ text }) => {
    expect(JSON.parse(text)).toBeTypeOf('object');
  });

  it('of a rule can be saved', () => {
    const rules = blocks
      .filter(({ page }) => page === 'docs/rules.md')
      .map(({ text }) => ruleSchema.parse(JSON.parse(text)));
    expect(rules).toHaveLength(2);
    expect(() => compileRules({ rules, config: {} }, 'playbook.rules')).not.toThrow();
  });
});

describe('the page of commands', () => {
  it('has every command of countersign --help', () => {
    const helped = [...overview('1').matchAll(/^ {2}(countersign(?: \S.*?)?)(?: {2,}.+)?$/gm)].map(([, line]) => line);
    expect(sorted(columnOf('docs/commands.md', 'command'))).toEqual(sorted(helped));
  });
});

describe('the page of dependencies', () => {
  it('has a line for every one', () => {
    const { dependencies, optionalDependencies, devDependencies } = JSON.parse(readPage('package.json'));
    const needed = Object.keys({ ...dependencies, ...optionalDependencies });
    expect(sorted(columnOf('CONTRIBUTING.md', 'package'))).toEqual(needed.sort());
    const missing = Object.keys(devDependencies).filter((name) => !readPage('CONTRIBUTING.md').includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });
});
