import type { Rule } from '../../domain/agents/rule.ts';
import { isObject } from '../../domain/base/json.ts';
import { fieldOf } from '../../domain/import/columns.ts';
import { closestTo } from '../../domain/text/closest.ts';
import { ROOTS, type TemplateName } from '../../domain/text/liquid-names.ts';
import { mergeTagsIn, operatedOutputs, operatorProblem } from '../../domain/text/merge-tags.ts';
import { SET_FIELDS } from '../base/filter-warnings.ts';

/** A template of a rule, and where it stands. Texts that people read are also looked through for other tools' tags. */
type PlacedText = { text: string; path: string; isRead: boolean };
type ReadNames = (template: string) => TemplateName[];
/** Names of fields that no contact has, each with the closest one that some have. */
type Closest = ReadonlyMap<string, string>;

/** What a unified profile has beside the fields of its contact. */
const PROFILE_FIELDS = [
  ...['first_seen', 'last_seen', 'event_count', 'events_7d', 'events_30d', 'last_event', 'top_pages'],
  'last_contacted_at',
];

/** Other names of columns that an import files under a field of its own. */
const ALIASES: Record<string, string> = { emailaddress: 'email', mailaddress: 'email', forename: 'firstname' };

/**
 * The templates in a value. Texts that stand directly in params are for people, such as a subject; those in an object of
 * params are for other programs, and may hold their placeholders.
 */
function* placedTexts(value: unknown, path: string, level = 0): Generator<PlacedText> {
  if (typeof value === 'string') yield { text: value, path, isRead: level === 1 };
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* placedTexts(item, `${path}[${index}]`, level + 1);
  else if (isObject(value))
    for (const [key, item] of Object.entries(value)) yield* placedTexts(item, `${path}.${key}`, level + 1);
}

/** The templates of a rule. */
export function* textsOf(rule: Rule, path: string): Generator<PlacedText> {
  for (const [index, { params }] of rule.propose.entries())
    yield* placedTexts(params, `${path}.propose[${index}].params`);
  if (rule.reasoning !== undefined) yield { text: rule.reasoning, path: `${path}.reasoning`, isRead: false };
}

/** The name under which imports file a field of this name; undefined where it is that name already, or the person's own. */
function filedAs(name: string): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[\s_-]+/g, '');
  const wanted = plain(name);
  const field =
    fieldOf(name) ??
    SET_FIELDS.find((each) => plain(each) === wanted) ??
    (Object.hasOwn(ALIASES, wanted) ? ALIASES[wanted] : undefined);
  return field === name ? undefined : field;
}

/** The field of a contact that a template takes by this name; undefined for other names, and what is always there. */
function fieldIn([root, field]: TemplateName): string | undefined {
  if (field === undefined || (root === 'unified_profile' && PROFILE_FIELDS.includes(field))) return undefined;
  return root === 'contact' || root === 'unified_profile' ? field : undefined;
}

/** The fields of contacts that a template takes. */
export function contactFieldsIn(text: string, readNames: ReadNames): string[] {
  return readNames(text)
    .map(fieldIn)
    .filter((field) => field !== undefined)
    .filter((field) => filedAs(field) === undefined);
}

/** A field as a template names it. */
function member(root: string, field: string): string {
  return /^[a-z_][\w-]*$/i.test(field) ? `${root}.${field}` : `${root}[${JSON.stringify(field)}]`;
}

function fieldWarning(root: string, field: string, unknown: Closest): string | undefined {
  const filed = filedAs(field);
  if (filed !== undefined) return `${root}.${field} prints nothing: imports file it under ${root}.${filed}`;
  const close = unknown.get(field);
  return close === undefined
    ? undefined
    : `${member(root, field)} prints nothing: no contact has a field ${JSON.stringify(field)}. The closest one is ${member(root, close)}`;
}

function nameWarning(name: TemplateName, unknown: Closest): string | undefined {
  const [root = ''] = name;
  const field = fieldIn(name);
  if (field !== undefined) return fieldWarning(root, field, unknown);
  if (ROOTS.some((known) => known === root)) return undefined;
  const filed = filedAs(root) ?? fieldOf(root);
  const close = ROOTS.find((known) => known === root.toLowerCase()) ?? closestTo(root, ROOTS);
  const meant = filed === undefined ? `the closest name is ${close}` : `perhaps contact.${filed} is meant`;
  return `${JSON.stringify(root)} stands for nothing in a template, so it prints nothing: ${meant}. Names begin with ${ROOTS.join(', ')}`;
}

/**
 * What a template says that won't come out as one may think: names, operators, other tools' tags. `unknown` are the
 * fields that no contact has.
 */
export function templateWarnings({ text, path, isRead }: PlacedText, readNames: ReadNames, unknown: Closest): string[] {
  const names = new Set(readNames(text).map((name) => nameWarning(name, unknown)));
  const operated = operatedOutputs(text).map(operatorProblem);
  const tags = isRead ? mergeTagsIn(text) : [];
  return [
    ...[...names].filter((warning) => warning !== undefined),
    ...operated,
    ...tags.map((tag) => `${tag} goes out as it stands: it is another tool's merge tag. Write {{ contact.firstname }}`),
  ].map((warning) => `${path}: ${warning}.`);
}
