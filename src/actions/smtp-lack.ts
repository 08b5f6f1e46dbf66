import type { Identity } from '../domain/agents/identity.ts';
import type { Deps } from '../domain/base/deps.ts';
import { smtpServerOf } from '../net/smtp-url.ts';

/** What this process lacks to send emails of an identity by SMTP, if anything. */
export function smtpLack(identity: Pick<Identity, 'smtp_url_env'> | undefined, env: Deps['env']): string | undefined {
  const name = identity?.smtp_url_env;
  if (name === undefined) return undefined;
  const url = env[name];
  if (url === undefined) return `the identity's smtp_url_env names ${name}, which isn't set in this environment`;
  return smtpServerOf(url)
    ? undefined
    : `${name}, which the identity's smtp_url_env names, isn't an SMTP URL: smtp://user:password@host:port or smtps://..., percent-encoded`;
}
