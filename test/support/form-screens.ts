import { expect } from 'vitest';
import { type Form, textIn } from './person.ts';

/** What a client draws of a form, and what it answers where a person presses Enter and nothing else, or one digit. */
export type Screen = {
  client: string;
  /** All that a person can bring onto the screen, in a terminal of 80 columns and 24 rows. */
  draw: (form: Form) => string;
  /** The answers that Enter alone, and single other keys, give. */
  keys: (form: Form) => object[];
};

/** A client by the name with which it connects, and its screens. */
export type Client = { name: string; screens: readonly Screen[] };

const COLUMNS = 80;
const ROWS = 24;

type Field = { title: string; description: string; enum: string[]; enumNames?: string[] };

function fieldOf(form: Form): Field {
  return form.requestedSchema.properties.decision;
}

/** What stands before each choice. */
export function labelsOf(form: Form): string[] {
  const { enum: values, enumNames } = fieldOf(form);
  return enumNames ?? values;
}

function rows(text: string): string[] {
  return text.split('\n').flatMap((line) => line.match(new RegExp(`.{1,${COLUMNS}}`, 'gu')) ?? ['']);
}

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
const accepted = (decision: string | undefined) => ({ action: 'accept', content: { decision } });

/** Claude Code cuts each line of the message, and tells how many lines it leaves out beyond the fourth. */
function claudeMessage(form: Form): string[] {
  const lines = form.message.split('\n').map((line) => cut(line, COLUMNS - 6));
  return lines.length > 4 ? lines.slice(0, 3) : lines;
}

/** A choice in Claude Code: 48 columns of it; white space that isn't single spaces, and quotes, as JSON. */
function claudeChoice(label: string): string {
  const isPlain = label === label.replace(/\s+/g, ' ').trim() && !/^"|"$/.test(label);
  return cut(isPlain ? label : JSON.stringify(label), 48);
}

/** No key alone sends a form of Claude Code: Enter says that the field is required, and Esc leaves. */
const leftAlone = () => [{ action: 'cancel' }];

const CLAUDE: readonly Screen[] = [
  {
    client: 'Claude Code, full screen',
    draw: (form) =>
      [
        ...claudeMessage(form),
        cut(fieldOf(form).description.replaceAll('\n', '�'), COLUMNS - 12),
        ...labelsOf(form).map(claudeChoice),
      ].join('\n'),
    keys: leftAlone,
  },
  {
    client: 'Claude Code, classic',
    draw: (form) =>
      [...claudeMessage(form), ...labelsOf(form).map(claudeChoice), cut(fieldOf(form).description, 2000)].join('\n'),
    keys: leftAlone,
  },
];

/** Codex shows as much above its choices as there are rows for, and scrolls the choices. Enter or a digit chooses. */
const CODEX: Screen = {
  client: 'Codex',
  draw: (form) => {
    const above = rows([form.message, '', fieldOf(form).title, fieldOf(form).description].join('\n'));
    return [...above.slice(0, ROWS - 5), ...labelsOf(form)].join('\n');
  },
  keys: (form) => fieldOf(form).enum.slice(0, 9).map(accepted),
};

/** Copilot shows and scrolls all of it. */
const COPILOT: Screen = {
  client: 'Copilot',
  draw: (form) => [form.message, fieldOf(form).description, ...labelsOf(form), 'Other (type your answer)'].join('\n'),
  keys: (form) => [accepted(fieldOf(form).enum[0])],
};

/** The clients as tried, by the name with which each connects. */
export const CLIENTS: readonly Client[] = [
  { name: 'claude-code', screens: CLAUDE },
  { name: 'codex-mcp-client', screens: [CODEX] },
  { name: 'copilot-cli', screens: [COPILOT] },
];

/** A row of a list without its margin, and without the quotes that a client puts around what it can't show plainly. */
function unquoted(line: string): string {
  const text = /^"│.*"$/.test(line) ? String(JSON.parse(line)) : line;
  return text.replace(/^│/, '');
}

/** What a screen shows, without indents, line breaks and the margins of rows. */
export function words(text: string): string {
  return text.split('\n').map(unquoted).join(' ').split(/\s+/).join(' ');
}

/** A client that isn't known to cut anything. */
export const PLAIN: Client = { name: 'test', screens: [COPILOT] };

/** Everybody that a client shows a form to can read all of this, and no key alone approves. */
export function expectWhole({ screens }: Client, form: Form | undefined, ...texts: string[]) {
  if (!form) throw new Error('no form was shown');
  const head = form.message.split('\n');
  expect(head.length).toBeLessThanOrEqual(3);
  expect(Math.max(...head.map((line) => line.length))).toBeLessThanOrEqual(110);
  expect(textIn(form).length).toBeLessThanOrEqual(8000);
  for (const { client, draw, keys } of screens) {
    const screen = words(draw(form));
    for (const text of texts) expect(screen, client).toContain(words(text));
    expect(JSON.stringify(keys(form)), client).not.toContain('"approve"');
  }
}
