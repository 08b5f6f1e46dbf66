import type { Agent } from '../../domain/agents/agent.ts';
import { AppError, invalid } from '../../domain/base/errors.ts';
import { postSigned } from '../../net/signed-post.ts';
import { isSecret, webhookId } from '../../net/standard-webhooks.ts';
import type { House } from '../base/house.ts';
import { isBrakedNow } from '../gate/brake.ts';

/**
 * The URL that gets the result of a chat: the call's own, which must have the origin of the agent's, else the agent's.
 *
 * @throws AppError VALIDATION_ERROR for another origin, PROVIDER_ERROR where the secret is missing
 */
export function callbackOf(agent: Agent, wanted: string | undefined, env: House['deps']['env']): string | undefined {
  const { callback_url, secret_env } = agent.connections;
  if (wanted !== undefined) {
    const isOurs =
      callback_url !== undefined && URL.canParse(wanted) && new URL(wanted).origin === new URL(callback_url).origin;
    if (!isOurs)
      throw invalid(
        `callback_url must have the origin of the agent's connections.callback_url, which is ${callback_url === undefined ? 'not set: set it with update_agent' : new URL(callback_url).origin}. Nothing was said to the agent.`,
        { callback_url: 'another origin' },
      );
  }
  const url = wanted ?? callback_url;
  if (url !== undefined && secret_env !== undefined && !isSecret(env[secret_env] ?? ''))
    throw new AppError(
      'PROVIDER_ERROR',
      `connections.secret_env names ${secret_env}, which isn't set to a signing secret ("whsec_" and base64) in the environment of this server. Set it and start the server again; nothing was said to the agent.`,
      { 'connections.secret_env': secret_env },
    );
  return url;
}

/**
 * Posts a chat's result in the background, signed, with retries; the log tells of a post that fails. Nothing is posted
 * where the brake was put on during the chat.
 */
export async function startCallback(
  house: House,
  agent: Agent,
  url: string,
  { iteration_id, body }: { iteration_id: string; body: unknown },
): Promise<void> {
  const { secret_env } = agent.connections;
  const { deps } = house;
  if (await isBrakedNow(house)) {
    deps.log.warn({ iteration_id }, 'the brake is on: the result of this chat is posted to no callback');
    return;
  }
  const id = webhookId(iteration_id, 'chat');
  const posting = postSigned(deps, {
    url,
    body,
    id,
    secret: secret_env === undefined ? undefined : deps.env[secret_env],
    mayRepeat: true,
  })
    .then((delivery) => {
      if (delivery.outcome !== 'accepted') deps.log.warn({ iteration_id, ...delivery }, 'a callback failed');
    })
    .catch((error: unknown) => deps.log.error({ error: String(error) }, 'a callback failed'))
    .finally(() => house.attempts.delete(`callback ${iteration_id}`));
  house.attempts.set(`callback ${iteration_id}`, posting);
}
