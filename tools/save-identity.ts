import { z } from 'zod';
import { saveIdentity } from '../src/engine/agents/identities.ts';
import { identityShape } from '../src/engine/base/shown/identity.ts';
import { CHANGES, defineTool } from '../src/mcp/define-tool.ts';
import { withConsent } from '../src/mcp/forms/consent.ts';

const variable = z
  .string()
  .regex(/^COUNTERSIGN_[A-Z0-9_]{1,80}$/, 'the name of an environment variable that starts with COUNTERSIGN_');

export const saveIdentityTool = defineTool({
  name: 'save_identity',
  title: 'Save identity',
  description:
    'Saves an identity, the sender of emails; agents name it as identity_id, which given replaces that one. smtp_url_env names an environment variable with an SMTP URL, or the beginning of _HOST, _PORT, _USER and _PASSWORD; imap_url_env the same for answers. unsubscribe_url (https, {email}) and unsubscribe_mailto go out with outreach. send_hours: "Mon-Fri 09:00-17:00 Europe/Berlin".',
  toolset: 'agents',
  scopes: ['agents:write'],
  hints: CHANGES,
  input: z.strictObject({
    name: z.string().min(1).max(200),
    email: z.string().min(3),
    signature: z.string().max(5000).optional(),
    smtp_url_env: variable.optional(),
    imap_url_env: variable.optional(),
    reply_to: z.string().max(320).optional(),
    bcc: z.string().max(320).optional(),
    unsubscribe_url: z.string().max(500).optional(),
    unsubscribe_mailto: z.string().max(320).optional(),
    send_hours: z.string().max(500).optional(),
    max_per_day: z.int().min(1).max(100_000).optional(),
    gap_seconds: z.int().min(0).max(86_400).optional(),
    identity_id: z.string().optional(),
  }),
  output: { identity: { one: identityShape }, warnings: 'array' },
  handler(args, call) {
    const { by } = call;
    return withConsent(call, { tool: 'save_identity', args }, (house, via) =>
      saveIdentity(house, by, { ...args, via }),
    );
  },
});
