import { type Context, Drop, type Emitter, Liquid, toValue } from 'liquidjs';
import { AppError, invalid } from '../base/errors.ts';
import { operatedOutputs, operatorProblem } from './merge-tags.ts';
import { openingsIn } from './openings.ts';

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
const MAX_MILLISECONDS = 25;
/**
 * A template is to blame for its time where the process did at least so much work in it. Where the machine was busy with
 * others, the template is tried again, so many times at most. To ask for the work takes as long as a short template, so
 * the first try goes without.
 */
const OWN_MILLISECONDS = 15;
const MOST_TRIES = 4;
/** The most outputs and tags: reading one takes some 30 µs, and more where it never closes. */
const MOST_OPENINGS = 1_000;

/** Tags that read another file. Templates have no files to read, so these tags are refused. */
const FILE_TAGS = ['include', 'render', 'layout', 'block'];
/** Filters that run a text as Liquid. That text may come from a contact, so these filters are taken away. */
const EXPRESSION_FILTERS = ['where_exp', 'reject_exp', 'group_by_exp', 'has_exp', 'find_exp', 'find_index_exp'];
/** Filters that do much work for each item of a list. liquidjs counts one step or none; here each item counts as 100. */
const LOOKUP_FILTERS = [
  ...['sum', 'has', 'find', 'find_index', 'where', 'reject', 'group_by', 'sort', 'sort_natural'],
  ...['map', 'uniq', 'json', 'jsonify', 'inspect'],
];
const LOOKUP_STEPS = 100;
/** What one rendered node counts, one date, and one date in a zone of its own: so that the budget takes some 30 ms. */
const NODE_STEPS = 60;
const DATE_STEPS = 400;
const ZONE_STEPS = 10_000;
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

/** Counts every rendered node, as a loop or a capture renders it, and every written character against the budget. */
function countWork(engine: Liquid): void {
  const { renderer } = engine;
  const render = renderer.renderTemplates.bind(renderer);
  renderer.renderTemplates = (templates, context, emitter) => {
    context.memoryLimit.use((templates.length + 1) * NODE_STEPS);
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
  // liquidjs counts nothing of a text that a filter reads, or only the result: here its length is counted.
  for (const [name, base] of Object.entries(engine.filters)) {
    if (typeof base !== 'function') continue;
    const isLookup = LOOKUP_FILTERS.includes(name);
    engine.registerFilter(name, function (value, ...args) {
      if (isLookup && Array.isArray(value)) this.context.memoryLimit.use(value.length * LOOKUP_STEPS);
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
      this.context.memoryLimit.use(zone === undefined ? DATE_STEPS : ZONE_STEPS);
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

function isTimeUp(message: string): boolean {
  return message.startsWith('template render limit exceeded');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function problemOf(error: unknown): string {
  const message = messageOf(error);
  if (error instanceof RangeError || message.includes('Maximum call stack'))
    return 'nests too deeply or grows too large';
  if (message.startsWith('memory alloc limit exceeded')) {
    return `needs more than ${BUDGET.toLocaleString('en-US')} steps and characters`;
  }
  if (isTimeUp(message)) return `takes longer than ${MAX_MILLISECONDS} ms`;
  return message.slice(0, 300);
}

function refused(path: string, problem: string): AppError {
  const message = `The Liquid template ${path} can't be used: ${problem}. Correct it and save it again.`;
  return invalid(message, { [path]: problem });
}

function failed(path: string, error: unknown): AppError {
  const problem = problemOf(error);
  const message = `The Liquid template ${path} failed for this contact: ${problem}. Correct it with update_agent and trigger again.`;
  const isLimit = isTimeUp(messageOf(error)) || messageOf(error).startsWith('memory alloc limit exceeded');
  return new AppError(isLimit ? 'LIMIT_EXCEEDED' : 'VALIDATION_ERROR', message, { [path]: problem });
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
  if (openingsIn(text) > MOST_OPENINGS)
    throw new AppError(
      'LIMIT_EXCEEDED',
      `The Liquid template ${path} has more than ${MOST_OPENINGS} outputs and tags. Make it shorter and save it again.`,
      { [path]: `has more than ${MOST_OPENINGS} outputs and tags` },
    );
  return parseWith(templateEngine(), text, path);
};

/** Whether the process itself worked since then, rather than others on the machine. */
function isOwnWork(before: NodeJS.CpuUsage | undefined): boolean {
  if (before === undefined) return false;
  const { user, system } = process.cpuUsage(before);
  return user + system >= OWN_MILLISECONDS * 1_000;
}

function parseWith(engine: Liquid, text: string, path: string): Template {
  try {
    const nodes = engine.parse(text);
    // The scope stands behind an empty one, because {% increment %} writes into the first.
    const render = (scope: object) => textOf(engine.renderSync(nodes, Object.create(null), { globals: scope }));
    return (scope) => {
      for (let tries = 1; ; tries++) {
        const before = tries === 1 ? undefined : process.cpuUsage();
        try {
          return render(scope);
        } catch (error) {
          if (!isTimeUp(messageOf(error)) || tries === MOST_TRIES || isOwnWork(before)) throw failed(path, error);
        }
      }
    };
  } catch (error) {
    const [output] = operatedOutputs(text);
    throw refused(path, output === undefined ? problemOf(error) : `${problemOf(error)}. ${operatorProblem(output)}`);
  }
}
