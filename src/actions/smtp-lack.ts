import type { Identity } from '../domain/agents/identity.ts';
import type { Deps } from '../domain/base/deps.ts';
import { smtpSettings } from '../net/smtp-settings.ts';

/** What this process lacks to send emails of an identity by SMTP, if anything. */
export function smtpLack(identity: Pick<Identity, 'smtp_url_env'> | undefined, env: Deps['env']): string | undefined {
  const name = identity?.smtp_url_env;
  if (name === undefined) return undefined;
  const server = smtpSettings(name, env);
  return 'problem' in server ? `the identity's smtp_url_env names ${name}: ${server.problem}` : undefined;
}
