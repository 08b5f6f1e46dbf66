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

function nameWarning([root = '', field]: TemplateName): string | undefined {
  if (ROOTS.some((known) => known === root)) {
    const filed =
      (root === 'contact' || root === 'unified_profile') && field !== undefined ? filedAs(field) : undefined;
    return filed === undefined ? undefined : `${root}.${field} prints nothing: imports file it under ${root}.${filed}`;
  }
  const filed = filedAs(root) ?? fieldOf(root);
  const close = ROOTS.find((known) => known === root.toLowerCase()) ?? closestTo(root, ROOTS);
  const meant = filed === undefined ? `the closest name is ${close}` : `perhaps contact.${filed} is meant`;
  return `${JSON.stringify(root)} stands for nothing in a template, so it prints nothing: ${meant}. Names begin with ${ROOTS.join(', ')}`;
}

/** What a template says that won't come out as one may think: names, operators, other tools' tags. */
export function templateWarnings({ text, path, isRead }: PlacedText, readNames: ReadNames): string[] {
  const names = new Set(readNames(text).map(nameWarning));
  const operated = operatedOutputs(text).map(operatorProblem);
  const tags = isRead ? mergeTagsIn(text) : [];
  return [
    ...[...names].filter((warning) => warning !== undefined),
    ...operated,
    ...tags.map((tag) => `${tag} goes out as it stands: it is another tool's merge tag. Write {{ contact.firstname }}`),
  ].map((warning) => `${path}: ${warning}.`);
}
