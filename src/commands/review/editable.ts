import { invalid } from '../../domain/base/errors.ts';
import { isObject } from '../../domain/base/json.ts';
import { escapeUnseen, hidesSomething } from '../../domain/text/visible.ts';

type Params = Record<string, unknown>;

/**
 * An action's params as a text to edit. `read` turns the edited text back into params, or throws AppError
 * VALIDATION_ERROR.
 */
export type Editable = { text: string; extension: 'txt' | 'json'; read: (edited: string) => Params };

const HELP = 'Change what you like, save and close. Lines that begin like this one say which part follows.';

/**
 * Params as texts, each below a line that names it. Params that hold anything but texts, or characters that can't be
 * seen, come as JSON.
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

/** The beginning of the lines that name a part: more ">" than any line of these texts begins with. */
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
      throw invalid(`"${line}" belongs to no part: a line such as "${mark}message" must stand above it.`);
  }
  return Object.fromEntries(Array.from(parts, ([name, lines]) => [name, lines.join('\n').replace(/\n+$/, '')]));
}
