import { isCapable } from '../../actions/allowed.ts';
import { ACTION_TYPES } from '../../actions/index.ts';
import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { EventWindow, Rule } from '../../domain/agents/rule.ts';
import { canonical } from '../../domain/base/json.ts';
import { odditiesOf } from '../../domain/filter/oddities.ts';
import { TEMPLATES } from '../../domain/templates/index.ts';
import { closestTo } from '../../domain/text/closest.ts';
import { filterWarnings, type PlacedFilter, unknownFields } from '../base/filter-warnings.ts';
import type { House } from '../base/house.ts';
import { contactFieldsIn, templateWarnings, textsOf } from './template-warnings.ts';

/** A rule that the person wrote, and where it stands. */
type PlacedRule = { rule: Rule; path: string };

const MOST_WARNINGS = 20;
/** The types that a contact's objection to email forbids: email. */
const MAILS = ACTION_TYPES.filter(({ consent }) => consent.includes('do_not_email'));
/** The fields of an event, and of an earlier action, as rules see them. */
const EVENT_FIELDS = ['contact_id', 'type', 'name', 'properties', 'timestamp', 'message_id'];
const ACTION_FIELDS = ['type', 'status', 'params', 'agent_id', 'run_id', 'at'];

/** The rules that aren't a template's own. */
function writtenRules({ playbook, playbook_template }: Agent): PlacedRule[] {
  const template = TEMPLATES.find(({ name }) => name === playbook_template);
  const own = new Set((template?.rules ?? []).map(canonical));
  return playbook.rules
    .map((rule, index) => ({ rule, path: `playbook.rules[${index}]` }))
    .filter(({ rule }) => !own.has(canonical(rule)));
}

function windowWarnings(
  windows: readonly EventWindow[] | undefined,
  path: string,
  kind: { one: string; fields: readonly string[]; inner: string },
): string[] {
  return (windows ?? []).flatMap(({ match }, index) => {
    const { said, terms } = odditiesOf(match ?? {}, `${path}[${index}].match`);
    const unknown = terms.filter(({ field }) => field !== '' && !kind.fields.includes(field.split('.')[0] ?? ''));
    return [
      ...said,
      ...unknown.map(
        (term) =>
          `${term.path}: ${kind.one} has no field ${JSON.stringify(term.field)}. It has ${kind.fields.join(', ')}; the closest one is "${closestTo(term.field, kind.fields)}", or ${JSON.stringify(`${kind.inner}.${term.field}`)} is meant.`,
      ),
    ];
  });
}

function whenWarnings({ rule: { when }, path }: PlacedRule): string[] {
  const event = { one: 'an event', fields: EVENT_FIELDS, inner: 'properties' };
  const action = { one: 'an earlier action', fields: ACTION_FIELDS, inner: 'params' };
  return [
    ...windowWarnings(when?.events, `${path}.when.events`, event),
    ...windowWarnings(when?.recent_actions, `${path}.when.recent_actions`, action),
  ];
}

async function textWarnings(house: House, rules: readonly PlacedRule[]): Promise<string[]> {
  const texts = rules.flatMap(({ rule, path }) => [...textsOf(rule, path)]);
  if (texts.length === 0) return [];
  const { namesInTemplate } = await import('../../domain/text/liquid-names.ts');
  const fields = new Set(texts.flatMap(({ text }) => contactFieldsIn(text, namesInTemplate)));
  const unknown = await unknownFields(house, [...fields]);
  return texts.flatMap((text) => templateWarnings(text, namesInTemplate, unknown));
}

/** Whether a rule proposes emails that cadence is for: an answer isn't held to it. */
function isMailing({ propose }: Rule): boolean {
  return propose.some(({ type, params }) => MAILS.some((mail) => mail.type === type && !mail.answers?.(params)));
}

/** Whether a rule ends the evaluation of a contact that was written to before. */
function stopsAtEarlier(rule: Rule): boolean {
  return !isMailing(rule) && rule.stop !== false && (rule.when?.recent_actions ?? []).length > 0;
}

/** Whether rules that propose an email look at what was sent before: such rules have a cadence of their own. */
function rulesKeepCadence({ playbook: { rules } }: Agent): boolean {
  const stop = rules.findIndex(stopsAtEarlier);
  return rules.every(
    (rule, index) =>
      !isMailing(rule) ||
      (stop >= 0 && stop < index) ||
      rule.when?.recent_actions?.some(({ at_most }) => at_most !== undefined) === true,
  );
}

function cadenceWarnings(agent: Agent): string[] {
  const isGuarded = effectiveProvider(agent) === 'rules' && rulesKeepCadence(agent);
  const mayMail = MAILS.some((mail) => isCapable(agent, mail));
  if (!mayMail || isGuarded || agent.limits.cooldown_days !== undefined) return [];
  return [
    'limits.cooldown_days is not set: nothing keeps this agent from proposing another email to the same person in the next run. Set it, such as 3.',
  ];
}

/**
 * Warnings about what is valid and means something else than one may think (contract, section 2, `warnings[]`): filters,
 * rules and templates. The rules of a template are left out as long as they are the template's own.
 */
export async function nonsenseWarnings(house: House, agent: Agent): Promise<string[]> {
  const rules = writtenRules(agent);
  const filters: PlacedFilter[] = [
    { filter: agent.monitoring.filter, path: 'monitoring.filter' },
    ...rules.map(({ rule, path }) => ({ filter: rule.when?.contact ?? {}, path: `${path}.when.contact` })),
  ];
  const warnings = [
    ...(await filterWarnings(house, filters)),
    ...rules.flatMap(whenWarnings),
    ...(await textWarnings(house, rules)),
    ...cadenceWarnings(agent),
  ];
  const more = warnings.length - MOST_WARNINGS;
  return more > 0 ? [...warnings.slice(0, MOST_WARNINGS), `And ${more} more warnings of this kind.`] : warnings;
}
