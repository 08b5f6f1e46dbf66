import { type ContactEvent, fullName } from '../domain/contacts/contact.ts';
import { paceOf } from '../domain/mail/pace.ts';
import { quotationOf, quotedText } from '../domain/mail/threads/quotation.ts';
import { type Answering, answerSubject, referencesTo, subjectOf } from '../domain/mail/threads/thread.ts';
import { headerId, writtenEvent } from '../domain/mail/threads/written-event.ts';
import { isOutreach } from '../domain/mail/way-out.ts';
import { visibleAddress } from '../domain/text/visible.ts';
import type { ActionScene } from './action.ts';

type Params = Record<string, unknown>;
/** The message that params answer, if it is one that the contact wrote to us. */
function answeredEvent({ events = [] }: ActionScene, params: Params): ContactEvent | undefined {
  return isOutreach(params) ? undefined : writtenEvent(events, params.in_reply_to);
}

/** What an email takes over from the message that it answers; undefined for outreach, and where there is no such message. */
export function emailAnswer(scene: ActionScene, params: Params): Answering | undefined {
  const event = answeredEvent(scene, params);
  const id = headerId(params.in_reply_to);
  if (!event || id === undefined) return undefined;
  const { contact, agent, identity } = scene;
  const name = fullName(contact) || contact.email || 'you';
  const { zone } = paceOf(identity ?? {}).clock;
  const quotation = quotationOf(event, { name, language: agent.language, zone });
  const thread = { id, references: referencesTo(event), subject: answerSubject(event) };
  return quotation ? { ...thread, quotation } : thread;
}

/** Params as they go out: an answer without a subject of its own has that of the message, behind one `Re:`. */
export function withAnswerSubject(scene: ActionScene, params: Params): Params {
  const event = params.subject === undefined ? answeredEvent(scene, params) : undefined;
  return event ? { subject: answerSubject(event), ...params } : params;
}

function quotedLine({ quotation }: Answering): [string, string] {
  if (!quotation) return ['Quoted below it', 'nothing: what they wrote is not kept'];
  const { characters, of } = quotation;
  const part = characters < of ? `the first ${characters} of ${of}` : `all ${of}`;
  return [`Quoted below it, ${part} characters of their message`, quotedText(quotation)];
}

/** Which message an email answers, and what it quotes of it, for the person who decides; nothing for outreach. */
export function answerLines(
  scene: ActionScene,
  params: Params,
): { answers: [string, string][]; quoted: [string, string][] } {
  const event = answeredEvent(scene, params);
  const answer = emailAnswer(scene, params);
  if (!event || !answer) return { answers: [], quoted: [] };
  const { from } = event.properties;
  const subject = subjectOf(event);
  const about = subject === undefined ? 'their message without a subject' : `their message "${subject}"`;
  const when = `${event.timestamp.slice(0, 16).replace('T', ' ')} UTC`;
  const other = typeof from === 'string' ? `, which came from another address: ${visibleAddress(from)}` : '';
  return { answers: [['Answers', `${about} of ${when}${other}`]], quoted: [quotedLine(answer)] };
}
