import type { Agent } from '../domain/agents/agent.ts';
import type { Identity } from '../domain/agents/identity.ts';
import { isOutreach } from '../domain/mail/way-out.ts';

/** Rules whose emails answer what contacts wrote, in an agent that would do them unasked. */
function answersUnasked({ approval, playbook: { rules } }: Agent): string[] {
  const isUnasked = !approval.require_approval || approval.auto_approve.includes('email_message');
  const answers = ({ type, params }: Agent['playbook']['rules'][number]['propose'][number]) =>
    type === 'email_message' && !isOutreach(params);
  if (!isUnasked || !rules.some(({ propose }) => propose.some(answers))) return [];
  return ['An email with in_reply_to answers a person, so it always waits for your yes, whatever approval says.'];
}

function senderWarnings(identity: Identity | undefined): string[] {
  if (!identity)
    return ['No identity_id: emails are written to the outbox as drafts without a sender; save_identity makes one.'];
  // What goes to the outbox a person sends, and sees that it offers no way out.
  const { smtp_url_env, unsubscribe_mailto, unsubscribe_url } = identity;
  if (smtp_url_env === undefined || unsubscribe_mailto !== undefined || unsubscribe_url !== undefined) return [];
  return [
    `The identity ${identity.id} has no unsubscribe_mailto or unsubscribe_url, so its emails offer no way to unsubscribe: save_identity sets one. Many mail services file outreach without it as spam.`,
  ];
}

/** Sentences about settings of an agent's emails that won't work as one may expect. */
export function emailWarnings(agent: Agent, _deps: unknown, identity: Identity | undefined): string[] {
  if (!agent.capabilities.includes('email')) return [];
  return [...answersUnasked(agent), ...senderWarnings(identity)];
}
