import { VOICE_SERVICES, type VoiceService, type VoiceStep } from '../../providers/voices.ts';
import { isAllowedHost } from '../base/url.ts';
import type { Agent } from './agent.ts';
import type { NoAccess } from './model-access.ts';
import { type KeyTerms, keyProblem, type Secrets } from './model-key.ts';

const STEPS = ['stt', 'tts', 'realtime'] as const;
const NAMED_BY = { stt: 'voice.stt', tts: 'voice.tts', realtime: 'voice.realtime_provider' } as const;

/** What an agent says of one step. */
type Setting = {
  service?: string | undefined;
  model?: string | undefined;
  base?: string | undefined;
  key?: string | undefined;
};

function settingOf({ voice, llm_config }: Agent, step: VoiceStep): Setting {
  if (step === 'stt')
    return { service: voice.stt, model: voice.stt_model, base: voice.stt_base_url, key: voice.stt_api_key_env };
  if (step === 'tts')
    return { service: voice.tts, model: voice.tts_model, base: voice.tts_base_url, key: voice.tts_api_key_env };
  // A realtime agent's runs may be another model's work: that one doesn't speak.
  const model = /realtime/.test(llm_config.model ?? '') ? llm_config.model : undefined;
  return { service: voice.realtime_provider, model, base: voice.realtime_base_url };
}

function serviceOf(agent: Agent, step: VoiceStep): VoiceService | undefined {
  const { service } = settingOf(agent, step);
  return VOICE_SERVICES[step].find(({ name }) => name === service);
}

/** What a request to a service needs. */
export type VoiceAccess = {
  step: VoiceStep;
  service: VoiceService;
  model: string;
  base_url: string;
  voice: string | undefined;
  language: string;
  key?: { name: string; value: string };
};

function baseUrlOf({ version }: VoiceService, given: string): string {
  const url = new URL(given);
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path === '' ? version : path}`;
}

/** How a service of an agent is reached, or why it can't be. Keys go where those of models may go, by the same rules. */
export function voiceAccess(agent: Agent, step: VoiceStep, terms: KeyTerms): VoiceAccess | NoAccess {
  const field = NAMED_BY[step];
  const { service: name, model, base, key } = settingOf(agent, step);
  const service = serviceOf(agent, step);
  if (!service) return { field, problem: `${field} is "${name}": ${unknownService(step)}` };
  const given = base ?? service.home;
  if (given === undefined)
    return {
      field: `voice.${step}_base_url`,
      problem: `"${service.name}" needs voice.${step}_base_url, such as http://localhost:8000/v1 (and localhost:8000 in COUNTERSIGN_ALLOW_HOSTS)`,
    };
  const voice = agent.voice.voice_id ?? service.voice;
  if (step !== 'stt' && voice === undefined)
    return { field: 'voice.voice_id', problem: `"${service.name}" needs voice.voice_id, the id of a voice` };
  const base_url = baseUrlOf(service, given);
  const { language } = agent;
  const access: VoiceAccess = { step, service, model: model ?? service.model, base_url, voice, language };
  return withKey(access, { agent, key }, terms);
}

function withKey(
  access: VoiceAccess,
  { agent, key }: { agent: Agent; key: string | undefined },
  terms: KeyTerms,
): VoiceAccess | NoAccess {
  const { step, service, base_url } = access;
  const field = `voice.${step}_api_key_env`;
  const wrong = stepKeyProblem(agent, step, terms);
  if (wrong !== undefined) return { field, problem: wrong };
  const url = new URL(base_url);
  const isHome = service.home !== undefined && url.origin === new URL(service.home).origin;
  const mayGetKey = isHome || isAllowedHost(url, terms.keyHosts);
  const names = key === undefined ? service.keys : [key];
  const name = names.find((item) => terms.env[item] !== undefined);
  if (name !== undefined && mayGetKey) return { ...access, key: { name, value: terms.env[name] ?? '' } };
  if (name !== undefined && key !== undefined)
    return {
      field,
      problem: `the key in ${name} may not be sent to ${url.host}: list that host in COUNTERSIGN_ALLOW_HOSTS, or in allowHosts of config.json`,
    };
  if (key === undefined && (names.length === 0 || !mayGetKey)) return access;
  return {
    field: key === undefined ? NAMED_BY[step] : field,
    problem: `the environment variable ${names.join(' or ')} isn't set, so "${service.name}" has no key`,
  };
}

function stepKeyProblem(agent: Agent, step: VoiceStep, terms: Secrets): string | undefined {
  const { key, base } = settingOf(agent, step);
  const own = serviceOf(agent, step)?.keys ?? [];
  return keyProblem({ name: key, own, hasBase: base !== undefined, secret_env: agent.connections.secret_env }, terms);
}

function unknownService(step: VoiceStep): string {
  return `only ${VOICE_SERVICES[step].map(({ name }) => name).join(', ')} can be used`;
}

/** The services that an agent names and that aren't known here, by field. */
function unknownServices(agent: Agent): { step: VoiceStep; field: string; name: string }[] {
  // A text agent has no voice at all, and is refused for that.
  if (agent.architecture === 'text') return [];
  return STEPS.flatMap((step) => {
    const { service: name } = settingOf(agent, step);
    return name === undefined || serviceOf(agent, step) ? [] : [{ step, field: NAMED_BY[step], name }];
  });
}

/** What of an agent's voice can't be saved, by field. A name that the version before had already is kept. */
export function voiceProblems(agent: Agent, before: Agent | undefined, terms: Secrets): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { step, field, name } of unknownServices(agent))
    if (before === undefined || settingOf(before, step).service !== name)
      found[field] = `"${name}" isn't known: ${unknownService(step)}`;
  for (const step of STEPS) {
    const problem = stepKeyProblem(agent, step, terms);
    if (problem !== undefined) found[`voice.${step}_api_key_env`] = problem;
  }
  return found;
}

/** Warnings about names that an earlier edition kept. */
export function voiceWarnings(agent: Agent): string[] {
  return unknownServices(agent).map(
    ({ step, field, name }) => `${field} is "${name}", so the agent can't be spoken with: ${unknownService(step)}.`,
  );
}

/** The base URLs of an agent's voice, with the origin of each service's own API. */
export function voiceUrls(agent: Agent): { step: VoiceStep; path: string; url: string; home: string | undefined }[] {
  return STEPS.flatMap((step) => {
    const { base } = settingOf(agent, step);
    return base === undefined
      ? []
      : [{ step, path: `voice.${step}_base_url`, url: base, home: serviceOf(agent, step)?.home }];
  });
}

/** Variables that an agent's voice names for keys. */
export function voiceKeyNames({ voice }: Agent): string[] {
  return [voice.stt_api_key_env, voice.tts_api_key_env].filter((name) => name !== undefined);
}

/** An agent's voice with the models in effect, by which prices.json knows them. */
export function shownVoice(agent: Agent): Agent['voice'] {
  const modelOf = (step: 'stt' | 'tts') => settingOf(agent, step).model ?? serviceOf(agent, step)?.model;
  const [stt_model, tts_model] = agent.architecture === 'pipeline' ? [modelOf('stt'), modelOf('tts')] : [];
  return {
    ...agent.voice,
    ...(stt_model === undefined ? {} : { stt_model }),
    ...(tts_model === undefined ? {} : { tts_model }),
  };
}
