import type { Agent } from '../domain/agents/agent.ts';
import type { Deps } from '../domain/base/deps.ts';
import type { ActionResult } from '../domain/runs/run.ts';
import { postSigned } from '../net/signed-post.ts';
import { isSecret, webhookId } from '../net/standard-webhooks.ts';
import { type Attempt, EffectFailed, EffectUnknown } from './action.ts';

/** What this process lacks to sign an agent's posts, if anything. An agent without `secret_env` posts unsigned. */
export function secretLack({ agent }: { agent: Pick<Agent, 'connections'> }, env: Deps['env']): string | undefined {
  const { secret_env } = agent.connections;
  if (secret_env === undefined) return undefined;
  const secret = env[secret_env];
  if (secret === undefined) return `connections.secret_env names ${secret_env}, which isn't set in this environment`;
  return isSecret(secret)
    ? undefined
    : `${secret_env}, which connections.secret_env names, isn't a signing secret: "whsec_" followed by base64`;
}

/** Warnings for an agent with a URL to post to: that its posts aren't signed, or can't be signed in this process. */
export function hookWarnings(agent: Agent, env: Deps['env']): string[] {
  if (agent.connections.secret_env === undefined)
    return [
      "connections.secret_env is not set: posts to webhook_url and crm_sync_url are not signed, so their receiver can't tell who sent them.",
    ];
  const lack = secretLack({ agent }, env);
  return lack === undefined ? [] : [`${lack}. Until then, what would be posted goes back to review.`];
}

/** Posts an action's content to one of the agent's own URLs. Each try has the same `webhook-id`, to tell repeats by. */
export async function postHook(
  attempt: Attempt,
  url: string | undefined,
  type: string,
  content: object,
): Promise<ActionResult> {
  const { agent, ref, deps, idempotency_key } = attempt;
  const lack = url === undefined ? 'the agent has no URL to post to' : secretLack(attempt, deps.env);
  if (url === undefined || lack !== undefined) throw new EffectFailed('PROVIDER_ERROR', `Nothing was sent: ${lack}.`);
  const { secret_env } = agent.connections;
  const { run_id, contact_id, action_index } = ref;
  const id = webhookId(idempotency_key);
  const post = {
    url,
    body: { type, agent_id: agent.id, run_id, contact_id, action_index, ...content },
    id,
    secret: secret_env === undefined ? undefined : deps.env[secret_env],
  };
  const delivery = await postSigned(deps, post, { ended: attempt.ended });
  if (delivery.outcome === 'failed') throw new EffectFailed('PROVIDER_ERROR', delivery.message);
  if (delivery.outcome === 'unknown')
    throw new EffectUnknown(
      'PROVIDER_ERROR',
      `${delivery.message} Ask the receiver for webhook-id ${id}, then use settle_action.`,
    );
  const { status, tries } = delivery;
  const signed = secret_env === undefined ? 'unsigned' : 'signed';
  const note = `posted to ${new URL(url).host}, ${signed}${tries > 1 ? `, accepted at try ${tries}` : ''}`;
  return { channel: 'webhook', message_id: id, status_code: status, note };
}
