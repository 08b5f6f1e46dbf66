import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import { modelProvider } from '../../domain/agents/model-access.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { AppError } from '../../domain/base/errors.ts';

/** Countersign's own functions for chats. `enabled_functions` names those that an agent may use; empty means all. */
const CHAT_FUNCTIONS = ['find_contacts', 'get_contact', 'propose_actions'] as const;

function isOwn(name: string): boolean {
  return CHAT_FUNCTIONS.some((own) => own === name);
}

function toolsWarnings({ custom_functions }: Agent, readConfig: Deps['config']): string[] {
  if (custom_functions.length === 0) return [];
  try {
    const { file, chatTools } = readConfig();
    return custom_functions
      .filter((name) => !chatTools.includes(name))
      .map(
        (name) =>
          `custom_functions names "${name}", which isn't listed under chatTools in ${file}. The person can list it there.`,
      );
  } catch (error) {
    if (error instanceof AppError) return [error.message];
    throw error;
  }
}

/** Warnings about settings for chats that have no effect. */
export function chatWarnings(agent: Agent, readConfig: Deps['config']): string[] {
  const { enabled_functions, custom_functions, output_schema, connections } = agent;
  const provider = effectiveProvider(agent);
  if (!modelProvider(agent)) {
    const set = [
      ...(enabled_functions.length > 0 ? ['enabled_functions'] : []),
      ...(custom_functions.length > 0 ? ['custom_functions'] : []),
      ...(output_schema ? ['output_schema'] : []),
      ...(connections.callback_url ? ['connections.callback_url'] : []),
    ];
    return set.length > 0
      ? [`${set.join(', ')} have no effect: they are for chat_with_agent, and the provider "${provider}" doesn't chat.`]
      : [];
  }
  const unknown = enabled_functions.filter((name) => !isOwn(name));
  return [
    ...unknown.map(
      (name) => `enabled_functions names "${name}", which is none of ${CHAT_FUNCTIONS.join(', ')}: it has no effect.`,
    ),
    ...toolsWarnings(agent, readConfig),
  ];
}
