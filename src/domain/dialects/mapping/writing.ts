import type { Agent } from '../../agents/agent.ts';
import { agentSettings } from '../../agents/mandate.ts';
import { isObject } from '../../base/json.ts';
import { templateNamed, unsetValue } from './defaults.ts';
import type { AgentDialect, BodyFields, NotCarried, Written } from './dialect.ts';
import { dropAtPath, isSameValue, mergedFields, putAtPath, valueAtPath } from './paths.ts';
import { withoutSecrets } from './secrets.ts';

/** What is kept of a body of this dialect; empty for an agent from elsewhere. */
export function keptFrom({ name }: Pick<AgentDialect, 'name'>, { origin }: Pick<Agent, 'origin'>): BodyFields {
  return origin?.dialect === name ? origin.fields : {};
}

/** Whether a dialect writes a field of ours: always, or where a body of it gave the field. */
function isPairWritten({ isOurs, theirs }: AgentDialect['pairs'][number], kept: BodyFields): boolean {
  return isOurs !== true || valueAtPath(kept, theirs) !== undefined;
}

function writtenPairs(dialect: AgentDialect, agent: Agent, kept: BodyFields): BodyFields {
  const template = templateNamed(agent.playbook_template);
  const payload = structuredClone(kept);
  const mapped: BodyFields = {};
  for (const pair of dialect.pairs.filter((each) => isPairWritten(each, kept))) {
    const { theirs, ours, isOurs } = pair;
    const value = valueAtPath(agent, ours);
    if (value === undefined && isOurs) dropAtPath(payload, theirs);
    if (value === undefined || (!isOurs && isSameValue(value, unsetValue(ours, template)))) continue;
    putAtPath(mapped, theirs, value);
  }
  return mergedFields(payload, mapped, dialect);
}

/** Why a setting stays behind, by how its path begins. `title` is the product that lacks it. */
const REASONS: readonly [string, (title: string) => string][] = [
  ['approval.', (title) => `${title} has no approvals by rule: there the agent may act without a person's yes`],
  ['playbook.rules', (title) => `${title} runs no rules: say in the prompt what they do`],
  ['playbook.config', (title) => `${title} has no settings of a playbook: say them in the prompt`],
  ['monitoring.', (title) => `${title} looks at no contacts by filter and schedule in this way`],
  ['limits.', (title) => `${title} has no such limit: nothing keeps to it there`],
  ['identity_id', () => 'the sender stays here, with its mail server'],
  ['connections.', () => 'URLs that the agent posts to stay here'],
  ['status', (title) => `${title} makes its agents active`],
];

function whyNot(path: string, { title, isBornActive }: AgentDialect): string {
  if (path === 'status' && !isBornActive) return `${title} knows active and not active alone`;
  const reason = REASONS.find(([beginning]) => path.startsWith(beginning));
  return reason ? reason[1](title) : `${title} has no field for it`;
}

/** The settings of an agent that a dialect has no words for. */
function leftBehind(dialect: AgentDialect, agent: Agent, kept: BodyFields): NotCarried[] {
  const said = new Set(dialect.pairs.filter((pair) => isPairWritten(pair, kept)).map(({ ours }) => ours));
  const isSaid = (path: string) =>
    said.has(path) ||
    said.has(path.split('.')[0] ?? '') ||
    dialect.says.includes(path) ||
    (path === 'status' && isStatusSaid(dialect, agent));
  const settings = Object.entries(agentSettings(agent))
    .filter(([path, value]) => !isSaid(path) && !isSameValue(value, unsetValue(path, undefined)))
    .map(([path]) => path);
  const { origin } = agent;
  const foreign = origin && origin.dialect !== dialect.name ? Object.keys(origin.fields) : [];
  return [
    ...settings.map((path) => ({ path, why: whyNot(path, dialect) })),
    ...foreign.map((name) => ({
      path: `origin.fields.${name}`,
      why: `it came from ${origin?.dialect}, and is given back in that format alone`,
    })),
  ];
}

/** A dialect whose agents are born active says that by the body alone; the others have a field for it. */
function isStatusSaid({ isBornActive }: AgentDialect, { status }: Agent): boolean {
  return isBornActive ? status === 'active' : status !== 'archived';
}

/**
 * An agent as a body of a dialect: what its `POST` takes. What the dialect can't say is named, each with why. Keys and
 * secrets are taken out, and named too.
 */
export function writeAgent(dialect: AgentDialect, agent: Agent): Written {
  const kept = keptFrom(dialect, agent);
  const written: Written = {
    payload: writtenPairs(dialect, agent, kept),
    not_carried: leftBehind(dialect, agent, kept),
  };
  dialect.afterWriting(agent, written);
  const { value, removed } = withoutSecrets(written.payload);
  return { payload: value, not_carried: [...written.not_carried, ...removed] };
}

/** The object at a name of a payload, to be added to; a new one where there is none. */
export function objectIn(payload: BodyFields, name: string): BodyFields {
  const found = payload[name];
  return isObject(found) ? { ...found } : {};
}
