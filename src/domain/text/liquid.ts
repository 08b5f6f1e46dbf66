import { type Context, Drop, type Emitter, Liquid, toValue } from 'liquidjs';
import { type AppError, invalid } from '../base/errors.ts';
import { operatedOutputs, operatorProblem } from './merge-tags.ts';

/**
 * A parsed template: gives its text for the values it may use, by name. Rendering may not take more than the budget.
 * @throws AppError VALIDATION_ERROR, `details` from the template's path to what failed
 */
export type Template = (scope: Record<string, unknown>) => string;

/** Parses the Liquid text of the field `path`; throws VALIDATION_ERROR with `details` from `path` to the problem. */
export type ParseTemplate = (text: string, path: string) => Template;

const MAX_LENGTH = 100_000;
/**
 * The most array items, characters and rendered nodes of one rendering, added up. Counting gives the same answer on
 * every machine; a time limit wouldn't.
 */
const BUDGET = 1_000_000;
/** The time limit for work that the budget doesn't count. Ordinary templates take microseconds. */
const MAX_MILLISECONDS = 10_000;

/** Tags that read another file. Templates have no files to read, so these tags are refused. */
const FILE_TAGS = ['include', 'render', 'layout', 'block'];
/** Filters that run a text as Liquid. That text may come from a contact, so these filters are taken away. */
const EXPRESSION_FILTERS = ['where_exp', 'reject_exp', 'group_by_exp', 'has_exp', 'find_exp', 'find_index_exp'];
/** Filters that do much work for each item of a list. liquidjs counts one step or none; here each item counts as 10. */
const LOOKUP_FILTERS = ['sum', 'has', 'find', 'find_index', 'where', 'reject', 'group_by', 'sort', 'sort_natural'];
const LOOKUP_STEPS = 10;
/** Filters that read a whole text. liquidjs counts nothing or only the result, so here the text's length is counted. */
const TEXT_FILTERS = ['replace', 'slugify', 'url_encode', 'url_decode', 'cgi_escape', 'uri_escape'];
const DATE_FILTERS = ['date', 'date_to_xmlschema', 'date_to_rfc822', 'date_to_string', 'date_to_long_string'];

const ISO_WITHOUT_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?$/;
const ENDS_IN_ZONE = /(?:Z|UTC?|GMT|[ECMP][SD]T|:\d\d(?:\.\d{1,9})? ?[+-]\d\d:?\d\d|\))$/i;

/** A time without a zone is marked as UTC, or liquidjs would take the machine's zone. Other values are left alone. */
function inUtc(value: unknown): unknown {
  if (typeof value !== 'string' || value.length > 100 || /^\d*$/.test(value) || ENDS_IN_ZONE.test(value)) return value;
  if (ISO_WITHOUT_ZONE.test(value)) return `${value}Z`;
  const zoned = `${value} UTC`;
  return Number.isNaN(Date.parse(zoned)) ? value : zoned;
}

const MONTHS = 'January,February,March,April,May,June,July,August,September,October,November,December'.split(',');
const DAYS = 'Sunday,Monday,Tuesday,Wednesday,Thursday,Friday,Saturday'.split(',');

/** Fills the names of month and day into a date format: liquidjs would make a slow Intl formatter for each of them. */
function withNames(format: unknown, time: unknown): unknown {
  if (typeof format !== 'string' || typeof time !== 'string' || /^\d*$/.test(time)) return format;
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return format;
  const month = MONTHS[date.getUTCMonth()] ?? '';
  const day = DAYS[date.getUTCDay()] ?? '';
  const names: Record<string, string> = { '%B': month, '%b': month.slice(0, 3), '%A': day, '%a': day.slice(0, 3) };
  return format.replace(/%[%BbAa]/g, (directive) => names[directive] ?? directive);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString();
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (value instanceof Drop) return String(toValue(value) ?? '');
  return typeof value === 'object' ? (JSON.stringify(value) ?? '') : String(value);
}

function countingEmitter(context: Context): Emitter {
  return {
    buffer: '',
    write(value: unknown) {
      const text = textOf(value);
      context.memoryLimit.use(text.length);
      this.buffer += text;
    },
  };
}

/** Counts every rendered node and every written character against the budget, also in loops and captures. */
function countWork(engine: Liquid): void {
  const { renderer } = engine;
  const render = renderer.renderTemplates.bind(renderer);
  renderer.renderTemplates = (templates, context, emitter) => {
    context.memoryLimit.use(templates.length + 1);
    return render(templates, context, emitter ?? countingEmitter(context));
  };
}

function refuseTags(engine: Liquid): void {
  for (const name of FILE_TAGS) {
    engine.registerTag(name, {
      parse() {
        throw new Error(`tag "${name}" is not available, because templates read no files`);
      },
      render: () => '',
    });
  }
}

function adaptFilters(engine: Liquid): void {
  for (const name of EXPRESSION_FILTERS) delete engine.filters[name];
  for (const name of [...LOOKUP_FILTERS, ...TEXT_FILTERS]) {
    const base = engine.filters[name];
    if (typeof base !== 'function') continue;
    engine.registerFilter(name, function (value, ...args) {
      if (Array.isArray(value)) this.context.memoryLimit.use(value.length * LOOKUP_STEPS);
      if (typeof value === 'string') this.context.memoryLimit.use(value.length);
      return base.call(this, value, ...args);
    });
  }
  for (const name of DATE_FILTERS) {
    const base = engine.filters[name];
    if (typeof base !== 'function') continue;
    engine.registerFilter(name, function (value, ...args) {
      const asksNow = value === 'now' || value === 'today';
      const time = inUtc(asksNow ? (this.context.getSync(['now']) ?? value) : value);
      const [format, zone] = args;
      const plain = name === 'date' && zone === undefined;
      return base.call(this, time, ...(plain ? [withNames(format, time)] : args));
    });
  }
}

function createEngine(): Liquid {
  const made = new Liquid({
    templates: {},
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    timezoneOffset: 0,
    locale: 'en-US',
    parseLimit: MAX_LENGTH,
    memoryLimit: BUDGET,
    renderLimit: MAX_MILLISECONDS,
  });
  countWork(made);
  refuseTags(made);
  adaptFilters(made);
  return made;
}

let engine: Liquid | undefined;

/** The engine of all templates, made with the first one: making one takes as long as saving an agent. It keeps nothing. */
export function templateEngine(): Liquid {
  engine ??= createEngine();
  return engine;
}

function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError || message.includes('Maximum call stack'))
    return 'nests too deeply or grows too large';
  if (message.startsWith('memory alloc limit exceeded')) {
    return `needs more than ${BUDGET.toLocaleString('en-US')} steps and characters`;
  }
  if (message.startsWith('template render limit exceeded')) return `takes longer than ${MAX_MILLISECONDS / 1000} s`;
  return message.slice(0, 300);
}

function refused(path: string, problem: string): AppError {
  const message = `The Liquid template ${path} can't be used: ${problem}. Correct it and save it again.`;
  return invalid(message, { [path]: problem });
}

function failed(path: string, error: unknown): AppError {
  const problem = problemOf(error);
  const message = `The Liquid template ${path} failed for this contact: ${problem}. Correct it with update_agent and trigger again.`;
  return invalid(message, { [path]: problem });
}

/**
 * Parses a Liquid template (https://liquidjs.com, Shopify's dialect). A person writes the template; anybody may
 * have written the values that it shows. So values are data: they are never parsed as Liquid and reach no prototype and
 * no file. Unknown tags and filters are refused when parsing. A missing variable renders as nothing, times render in
 * UTC, and 'now' is the `now` among the values.
 *
 * Importing this module takes about 30 ms, so import it only when a template is needed.
 */
export const parseTemplate: ParseTemplate = (text, path) => {
  if (text.length > MAX_LENGTH) throw refused(path, `is longer than ${MAX_LENGTH} characters`);
  if (!text.includes('{{') && !text.includes('{%')) return () => text;
  return parseWith(templateEngine(), text, path);
};

function parseWith(engine: Liquid, text: string, path: string): Template {
  try {
    const nodes = engine.parse(text);
    return (scope) => {
      try {
        // The scope stands behind an empty one, because {% increment %} writes into the first.
        return textOf(engine.renderSync(nodes, Object.create(null), { globals: scope }));
      } catch (error) {
        throw failed(path, error);
      }
    };
  } catch (error) {
    const [output] = operatedOutputs(text);
    throw refused(path, output === undefined ? problemOf(error) : `${problemOf(error)}. ${operatorProblem(output)}`);
  }
}
