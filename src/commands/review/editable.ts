import { invalid } from '../../domain/base/errors.ts';
import { isObject } from '../../domain/base/json.ts';
import { escapeUnseen, hidesSomething } from '../../domain/text/visible.ts';

type Params = Record<string, unknown>;

/** Params as a person edits them, and how to read back what became of them. */
export type Editable = { text: string; extension: 'txt' | 'json'; read: (edited: string) => Params };

const HELP = 'Change what you like, save and close. Lines that begin like this one say which part follows.';

/**
 * Texts as they read, each below a line that names it; params that aren't only text, or hide something, as JSON.
 */
export function editableOf(params: Params): Editable {
  const parts = Object.entries(params);
  const texts = parts.flatMap(([, value]) => (typeof value === 'string' ? [value] : []));
  if (texts.length < parts.length || texts.some(hidesSomething))
    return { text: `${escapeUnseen(JSON.stringify(params, null, 2))}\n`, extension: 'json', read: readJson };
  const mark = markFor(texts);
  const sections = parts.map(([name, text]) => `${mark} ${name}\n${text}\n`);
  return {
    text: `${mark} ${HELP}\n${sections.join('')}`,
    extension: 'txt',
    read: (edited) => readSections(edited, `${mark} `),
  };
}

/** What begins no line of these texts. */
function markFor(texts: readonly string[]): string {
  const runs = texts.flatMap((text) => Array.from(text.matchAll(/^>+/gm), ([run]) => run.length));
  return '>'.repeat(Math.max(2, ...runs) + 1);
}

function readJson(edited: string): Params {
  try {
    const value: unknown = JSON.parse(edited);
    if (isObject(value)) return value;
  } catch (error) {
    throw invalid(`This isn't JSON: ${error instanceof Error ? error.message : String(error)}.`);
  }
  throw invalid("This is JSON, but not an object of the action's params.");
}

function readSections(edited: string, mark: string): Params {
  const parts = new Map<string, string[]>();
  let part: string[] | undefined;
  for (const line of edited.split(/\r?\n/)) {
    const name = line.startsWith(mark) ? line.slice(mark.length).trim() : undefined;
    if (name === HELP) continue;
    if (name !== undefined) {
      if (parts.has(name)) throw invalid(`The part "${name}" is there twice.`);
      part = [];
      parts.set(name, part);
    } else if (part) part.push(line);
    else if (line.trim() !== '')
      throw invalid(`"${line}" stands below no line that names its part, as "${mark}message".`);
  }
  return Object.fromEntries(Array.from(parts, ([name, lines]) => [name, lines.join('\n').replace(/\n+$/, '')]));
}
