import { createHash, createHmac } from 'node:crypto';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

function keyOf(secret: string): Buffer | undefined {
  const encoded = secret.trim().replace(/^whsec_/, '');
  return encoded !== '' && BASE64.test(encoded) ? Buffer.from(encoded, 'base64') : undefined;
}

/** Whether a text is a secret to sign with: base64, with or without `whsec_` in front. */
export function isSecret(text: string): boolean {
  return (keyOf(text)?.length ?? 0) > 0;
}

/**
 * An id for the header `webhook-id`, the same for the same key: whatever the key holds, this is plain ASCII. It is part of
 * what is signed, and says what it is the id of: an action's post (`msg_`), a chat's callback (`chat_`), or a notice of what waits (`notice_`). They may be
 * signed with one secret, so the receiver of one could otherwise pass it off as the other.
 */
export function webhookId(key: string, kind: 'msg' | 'chat' | 'notice' = 'msg'): string {
  return `${kind}_${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
}

/** The headers of one attempt by Standard Webhooks 1.0.0. Without a secret there is no signature. */
export function webhookHeaders(id: string, at: Date, body: string, secret: string | undefined): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  const key = secret === undefined ? undefined : keyOf(secret);
  if (key === undefined) return headers;
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signature}` };
}
