import { secretLack } from '../../actions/hook.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Deps } from '../../domain/base/deps.ts';

/** What an agent's connections will not do as one may think: a capability without its URL, no signature, no secret. */
export function connectionWarnings(agent: Agent, env: Deps['env']): string[] {
  const warnings: string[] = [];
  const { webhook_url, crm_sync_url, secret_env } = agent.connections;
  const mayPost = agent.capabilities.includes('webhook');
  if (mayPost && webhook_url === undefined)
    warnings.push(
      'The capability "webhook" has no connections.webhook_url: webhook actions are blocked until it is set.',
    );
  if (!mayPost && webhook_url !== undefined)
    warnings.push('connections.webhook_url has no effect without the capability "webhook".');
  if (crm_sync_url !== undefined && !agent.capabilities.includes('crm_sync'))
    warnings.push('connections.crm_sync_url has no effect without the capability "crm_sync".');
  const posts = webhook_url !== undefined || crm_sync_url !== undefined;
  if (posts && secret_env === undefined)
    warnings.push(
      "connections.secret_env is not set: posts to webhook_url and crm_sync_url are not signed, so their receiver can't tell who sent them.",
    );
  const lack = posts ? secretLack({ agent }, env) : undefined;
  if (lack !== undefined) warnings.push(`${lack}. Until then, what would be posted goes back to review.`);
  return warnings;
}
