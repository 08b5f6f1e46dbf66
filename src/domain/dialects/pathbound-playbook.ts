import { z } from 'zod';
import type { Agent } from '../agents/agent.ts';
import { ruleSchema } from '../agents/rule.ts';
import { invalid } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import type { PlaybookTemplate } from '../templates/template.ts';
import { NO_PLAYBOOK, templateNamed } from './mapping/defaults.ts';
import type { BodyFields, BodyReading, Written } from './mapping/dialect.ts';
import { isSameValue, putAtPath } from './mapping/paths.ts';
import { bodyPath } from './mapping/soundness.ts';
import { objectIn } from './mapping/writing.ts';

const rulesSchema = z.array(ruleSchema).max(200);
type Rules = z.infer<typeof rulesSchema>;

/**
 * The rules in a playbook, where they are ours. A list of something else is a setting of Pathbound's.
 *
 * @throws AppError VALIDATION_ERROR where they are meant as ours and don't fit
 */
function ownRules(value: unknown): Rules | undefined {
  if (value === undefined) return undefined;
  const parsed = rulesSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  if (!Array.isArray(value) || !value.some((item) => isObject(item) && Array.isArray(item.propose))) return undefined;
  const details = parsed.error.issues
    .slice(0, 10)
    .map(({ path, message }): [string, string] => [bodyPath(['playbook', 'rules', ...path]), message]);
  const lines = details.map(([path, problem]) => `${path}: ${problem}`);
  throw invalid(`The rules don't fit. ${lines.join('; ')}.`, Object.fromEntries(details));
}

/** A playbook's settings: those in `config`, which is how we answer, else all fields that the playbook has beside ours. */
function configIn(
  playbook: BodyFields,
  areRulesOwn: boolean,
): { config: BodyFields; rest: BodyFields; isNested: boolean } {
  const { playbook_md: _text, ...others } = playbook;
  const { rules: _rules, ...withoutRules } = others;
  const settings = areRulesOwn ? withoutRules : others;
  const { config, ...rest } = settings;
  return isObject(config) ? { config, rest, isNested: true } : { config: settings, rest: {}, isNested: false };
}

function isBlankText(text: unknown): boolean {
  return typeof text === 'string' && text.trim() === '';
}

/** The text that an agent has where its body gives none. */
function defaultText(template: PlaybookTemplate | undefined): string {
  return template?.playbook_md ?? NO_PLAYBOOK;
}

/** Reads `playbook`, which holds the text, our rules, and any setting beside them. */
export function readPlaybook(body: BodyFields, reading: BodyReading, before: Agent | undefined): void {
  const { playbook } = body;
  const template = templateNamed(body.playbook_template ?? before?.playbook_template);
  if (!isObject(playbook)) {
    if (!template && !before) writeNone(reading);
    return;
  }
  const rules = ownRules(playbook.rules);
  const { config, rest, isNested } = configIn(playbook, rules !== undefined);
  // A blank text says nothing: then the template's is the agent's. Only an update may try to take the text away.
  const isBlank = isBlankText(playbook.playbook_md) && !before;
  const text = isBlank ? undefined : playbook.playbook_md;
  const kept: BodyFields = { ...rest, ...(isNested ? { config: {} } : {}) };
  const isUnsaid = text === undefined || isSameValue(text, defaultText(template));
  if (isBlank || (text !== undefined && isUnsaid)) kept.playbook_md = playbook.playbook_md;
  if (rules && isSameValue(rules, isUnsaid ? (template?.rules ?? []) : [])) kept.rules = rules;
  // An object that says nothing is given back, too.
  if (Object.keys(kept).length > 0 || Object.keys(playbook).length === 0) reading.kept.playbook = kept;
  const known = isNested || !before ? config : { ...before.playbook.config, ...config };
  reading.fields.playbook = {
    ...(text === undefined ? {} : { playbook_md: text }),
    ...(rules ? { rules } : {}),
    ...(Object.keys(config).length > 0 || isNested ? { config: known } : {}),
  };
  reading.carried.push('playbook');
  if (!before && !template && !rules?.length && text === undefined) writeNone(reading);
}

/** Pathbound takes an agent with nothing but a name; ours needs a playbook. */
function writeNone(reading: BodyReading): void {
  putAtPath(reading.fields, 'playbook.playbook_md', NO_PLAYBOOK);
  reading.warnings.push('The body has no playbook, so the agent proposes nothing. Give it one: playbook.playbook_md.');
}

/** Whether settings beside the text would be taken for something else when the body is read again. */
function wouldCollide(config: BodyFields, areRulesWritten: boolean): boolean {
  const { rules } = config;
  const isRules = rules !== undefined && (areRulesWritten || rulesSchema.safeParse(rules).success);
  return Object.hasOwn(config, 'playbook_md') || isRules || isObject(config.config);
}

/** Writes `playbook`: what isn't the template's. */
export function writePlaybook(agent: Agent, { payload, not_carried }: Written): void {
  const { playbook_md: text, rules, config } = agent.playbook;
  const template = templateNamed(agent.playbook_template);
  const written = objectIn(payload, 'playbook');
  const hadPlaybook = Object.hasOwn(payload, 'playbook');
  const isTextUnsaid = text === defaultText(template) || (text === '' && !template);
  const isKeptText = isTextUnsaid && (isSameValue(written.playbook_md, text) || isBlankText(written.playbook_md));
  if (!isTextUnsaid) written.playbook_md = text;
  else if (!isKeptText) delete written.playbook_md;
  const areRulesUnsaid = isSameValue(rules, isTextUnsaid ? (template?.rules ?? []) : []);
  if (!areRulesUnsaid) written.rules = rules;
  else if (rulesSchema.safeParse(written.rules).success && !isSameValue(written.rules, rules)) delete written.rules;
  if (isObject(written.config) || wouldCollide(config, written.rules !== undefined)) written.config = config;
  else Object.assign(written, config);
  if (Object.keys(written).length > 0 || hadPlaybook) payload.playbook = written;
  if (rules.length > 0 && !areRulesUnsaid)
    not_carried.push({
      path: 'playbook.rules',
      why: 'they stand in the payload among the settings of the playbook; Pathbound itself runs none: say in playbook_md what they do',
    });
}
