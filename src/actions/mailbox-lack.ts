import type { Identity } from '../domain/agents/identity.ts';
import type { Deps } from '../domain/base/deps.ts';
import { mailboxSettings } from '../net/mailbox/settings.ts';

/** What this process lacks to read the mailbox that answers to an identity come to, if anything. */
export function mailboxLack(
  identity: Pick<Identity, 'imap_url_env'> | undefined,
  env: Deps['env'],
): string | undefined {
  const name = identity?.imap_url_env;
  if (name === undefined) return undefined;
  const server = mailboxSettings(name, env);
  return 'problem' in server ? `the identity's imap_url_env names ${name}: ${server.problem}` : undefined;
}
