import { CAPABILITIES, isCapability, isCapable } from '../../actions/allowed.ts';
import { capabilityWords } from '../../actions/capability.ts';
import { ACTION_TYPES, findActionType } from '../../actions/index.ts';
import { mailboxLack } from '../../actions/mailbox-lack.ts';
import { smtpLack } from '../../actions/smtp-lack.ts';
import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import { modelProvider } from '../../domain/agents/model-access.ts';
import { namedKeyProblem } from '../../domain/agents/model-key.ts';
import { voiceProblems, voiceUrls, voiceWarnings } from '../../domain/agents/voice.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { type ErrorDetails, invalid } from '../../domain/base/errors.ts';
import { depthOf, HALF_A_CHARACTER, halvedAt } from '../../domain/base/json.ts';
import { allowedHosts, urlProblem } from '../../domain/base/url.ts';
import { compileContactFilter } from '../../domain/contacts/contact-filter.ts';
import type { View } from '../../domain/state/view.ts';
import { compileRules } from '../../evaluators/playbook-rules.ts';
import type { House } from '../base/house.ts';
import { findIdentity } from '../base/lookup.ts';
import { secretNames } from '../money/means.ts';

type Env = Readonly<Record<string, string | undefined>>;
/** What is wrong with a cron expression, and what to do. */
export type CronProblem = (cron: string) => string | undefined;

/** What an agent is checked with, and the version that it replaces. */
type Checking = { cronProblem: CronProblem; before?: Agent };

/** Loads the library that reads cron expressions now, and not at the start: few processes save an agent. */
export async function loadCronProblem({ deps }: House): Promise<CronProblem> {
  const { cronProblem } = await import('../../domain/agents/timetable.ts');
  return (cron) => cronProblem(cron, deps.now());
}

function missingFields(agent: Agent): ErrorDetails {
  const details: ErrorDetails = {};
  if (agent.playbook.playbook_md.trim() === '' && agent.playbook.rules.length === 0) {
    details.playbook = 'needed: playbook.playbook_md, playbook.rules or playbook_template';
  }
  if (agent.architecture === 'pipeline') {
    if (!agent.llm_config.model) details['llm_config.model'] = 'needed by architecture pipeline';
    if (!agent.voice.stt) details['voice.stt'] = 'needed by architecture pipeline';
    if (!agent.voice.tts) details['voice.tts'] = 'needed by architecture pipeline';
  }
  if (agent.architecture === 'realtime' && !agent.voice.realtime_provider) {
    details['voice.realtime_provider'] = 'needed by architecture realtime';
  }
  if (agent.architecture === 'text' && Object.keys(agent.voice).length > 0) {
    details.voice = 'a text agent has no voice: drop it, or set architecture to pipeline or realtime';
  }
  return details;
}

/** Names that are time zones. To ask takes a quarter of a millisecond, and an agent is checked several times. */
const TIME_ZONES = new Set<string>();

function isTimeZone(name: string): boolean {
  if (TIME_ZONES.has(name)) return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    return false;
  }
  TIME_ZONES.add(name);
  return true;
}

function settingProblems(agent: Agent, view: View, env: Env, { cronProblem, before }: Checking): ErrorDetails {
  const details: ErrorDetails = {};
  const hosts = allowedHosts(env);
  const urls: [string, string | undefined][] = [
    ['connections.webhook_url', agent.connections.webhook_url],
    ['connections.crm_sync_url', agent.connections.crm_sync_url],
    ['connections.callback_url', agent.connections.callback_url],
    ['llm_config.base_url', agent.llm_config.base_url],
    ...voiceUrls(agent).map(({ path, url }): [string, string] => [path, url]),
  ];
  for (const [path, url] of urls) {
    const problem = url === undefined ? undefined : urlProblem(url, hosts);
    if (problem) details[path] = problem;
  }
  if (!isTimeZone(agent.monitoring.timezone))
    details['monitoring.timezone'] =
      `"${agent.monitoring.timezone}" isn't a time zone: use a name such as Europe/Amsterdam`;
  const secrets = { env, secretNames: secretNames(view, agent) };
  const keyProblem = namedKeyProblem(agent, modelProvider(agent), secrets);
  if (keyProblem) details['llm_config.api_key_env'] = keyProblem;
  Object.assign(details, voiceProblems(agent, before, secrets));
  const cron = agent.monitoring.schedule_cron;
  const scheduleProblem = cron === undefined ? undefined : cronProblem(cron);
  if (scheduleProblem) details['monitoring.schedule_cron'] = scheduleProblem;
  if (depthOf(agent, 64) > 64) details.agent = 'nested deeper than 64 levels';
  const halved = halvedAt(agent, '');
  if (halved !== undefined) details[halved || 'agent'] = HALF_A_CHARACTER;
  return details;
}

/** Refuses an agent with missing, wrong or contradictory settings: VALIDATION_ERROR with every problem by its path. */
export function checkAgent(agent: Agent, view: View, env: Env, checking: Checking): void {
  const details = { ...missingFields(agent), ...settingProblems(agent, view, env, checking) };
  const problems = Object.entries(details).map(([path, problem]) => `${path}: ${problem}`);
  if (problems.length > 0) throw invalid(`The agent can't be saved. ${problems.join('; ')}.`, details);
  compileContactFilter(agent.monitoring.filter, 'monitoring.filter');
  compileRules(agent.playbook, 'playbook.rules');
  if (agent.identity_id !== undefined) findIdentity(view, agent.identity_id);
}

function capabilityWarnings(agent: Agent): string[] {
  const warnings: string[] = [];
  if (agent.capabilities.length === 0)
    warnings.push(
      `The agent has no capabilities, so every action it proposes is blocked; add some to capabilities: ${CAPABILITIES.join(', ')}.`,
    );
  for (const capability of agent.capabilities) {
    if (!isCapability(capability))
      warnings.push(`The capability "${capability}" isn't known: valid ones are ${CAPABILITIES.join(', ')}.`);
  }
  for (const [index, rule] of agent.playbook.rules.entries()) {
    for (const { type } of rule.propose) {
      const known = findActionType(type);
      if (!known)
        warnings.push(
          `playbook.rules[${index}] proposes "${type}", which is no action type: ${ACTION_TYPES.map((item) => item.type).join(', ')}.`,
        );
      else if (!isCapable(agent, known))
        warnings.push(
          `playbook.rules[${index}] proposes ${type}, which is blocked without ${capabilityWords(known.capability)}.`,
        );
    }
  }
  for (const type of agent.approval.auto_approve) {
    if (!findActionType(type)) warnings.push(`approval.auto_approve names "${type}", which is no action type.`);
  }
  return warnings;
}

function settingWarnings(agent: Agent): string[] {
  const warnings: string[] = [];
  const provider = effectiveProvider(agent);
  const { playbook, limits } = agent;
  if (provider === 'rules') {
    if (playbook.rules.length === 0)
      warnings.push('The provider is rules, but playbook.rules is empty: nothing will be proposed.');
    if (limits.max_cost_usd_per_run !== undefined)
      warnings.push('limits.max_cost_usd_per_run has no effect: rules cost nothing.');
  } else if (provider === 'assistant') {
    if (playbook.rules.length > 0) warnings.push("playbook.rules aren't run: the provider is assistant.");
    if (limits.max_cost_usd_per_run !== undefined)
      warnings.push('limits.max_cost_usd_per_run has no effect: the assistant costs Countersign nothing.');
  }
  if (agent.architecture !== 'text')
    warnings.push(
      `Architecture ${agent.architecture}: Countersign makes no calls. chat_with_agent takes a recording as audio_path and answers with one; on contacts the agent works as a text agent does.`,
      ...voiceWarnings(agent),
    );
  return warnings;
}

/** What this process lacks to send emails of an identity, or to read their answers, each as a warning. */
export function senderLacks(identity: Identity, env: Deps['env']): string[] {
  const lacks = [smtpLack(identity, env), mailboxLack(identity, env)];
  return lacks.flatMap((lack) =>
    lack === undefined ? [] : [`${lack}. Until then, emails of this identity go back to review.`],
  );
}

/**
 * Warnings about settings that won't do what a person may think. `identity` is the agent's sender, `before` the version
 * that this one replaces.
 */
export function agentWarnings(
  agent: Agent,
  deps: Pick<Deps, 'env' | 'config'>,
  { identity, before }: { identity: Identity | undefined; before?: Agent | undefined },
): string[] {
  const warnings = [
    ...capabilityWarnings(agent),
    ...settingWarnings(agent),
    // A set, because all action types that post to the agent's URLs give the same warning about its secret.
    ...new Set(ACTION_TYPES.flatMap((known) => known.warnings?.(agent, deps, identity) ?? [])),
    ...(agent.capabilities.includes('email') && identity ? senderLacks(identity, deps.env) : []),
  ];
  if (before && effectiveProvider(agent) === 'rules' && before.playbook.playbook_md !== agent.playbook.playbook_md) {
    warnings.push('playbook_md was changed, but the provider is rules: only playbook.rules are run.');
  }
  return warnings;
}
