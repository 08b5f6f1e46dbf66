import { isBulk, isFromNobody, isMassMail, signOfProgram } from './auto-reply.ts';
import { complainants, looksLikeComplaint } from './complaint.ts';
import { refusalsReported } from './delivery-report.ts';
import { type MailHead, type MailMessage, mailParts, mediaType } from './message.ts';
import { namedIds } from './message-ids.ts';
import { isFromMailServer, refusalsNoticed } from './own-bounce.ts';
import type { Refusal } from './refusal.ts';
import { replyText } from './reply-text.ts';
import { isPressedUnsubscribe, saysOnlyUnsubscribe } from './unsubscription.ts';
import type { LeaveFacts } from './way-out.ts';

/** What is known of whoever reads the mail. */
export type Correspondence = {
  /** Message-IDs of what they sent, in angle brackets. Its own and those that it names (`namedIds`) are enough. */
  sentIds: ReadonlySet<string>;
  /** The addresses that they write from: what comes from one of them is no answer. */
  ownAddresses?: ReadonlySet<string>;
  /** What a message says as an objection by List-Unsubscribe, with its own text: what its token tells, or that it has none. */
  leaveIn?: (message: MailMessage, text: string) => LeaveFacts | 'untold' | undefined;
};

type Answer = {
  /** What shows it, in a few words, such as `header Auto-Submitted`. */
  sign: string;
  /** The sent messages that it names, by their ids, the one that it answers first. */
  answers: readonly string[];
};

/**
 * What a message means for whoever it came to. It is a guess from a stranger's text: it may stop something, and must
 * never start anything. A report is about the addresses in it, everything else about its author.
 */
export type Meaning = Answer &
  (
    | { kind: 'replied' | 'auto_replied' }
    /** `leave`: it came by List-Unsubscribe, with what its token tells; `untold` where it has none. */
    | { kind: 'unsubscribed'; leave?: LeaveFacts | 'untold' }
    | { kind: 'bounced'; refusals: readonly Refusal[] }
    | { kind: 'complained'; addresses: readonly string[] }
  );

const RECEIPTS = ['message/disposition-notification', 'message/global-disposition-notification'];

/**
 * Whether a message may be a report, by its head. Then its author says nothing about whom it concerns: only the whole
 * message does.
 */
export function mayBeReport(head: MailHead): boolean {
  const isReport = mediaType(head) === 'multipart/report' || looksLikeComplaint(head);
  return isReport || isFromMailServer(head) || isFromNobody(head);
}

/** What a report means: of mail servers about a delivery, of providers about a complaint. `none`: nothing to act on. */
function meaningOfReport(message: MailMessage, answers: readonly string[]): Meaning | 'none' | undefined {
  const addresses = complainants(message);
  if (addresses) return { kind: 'complained', addresses, answers, sign: 'feedback report' };
  const isReport = mediaType(message) === 'multipart/report';
  if (isReport && mailParts(message, RECEIPTS).length > 0) return 'none';
  if (isReport && mailParts(message, ['message/feedback-report']).length > 0) return 'none';
  const isServer = isFromMailServer(message);
  const reported = isReport || isServer ? refusalsReported(message) : undefined;
  const noticed = reported ?? refusalsNoticed(message, textOf(message));
  if (noticed === undefined) return isServer ? 'none' : undefined;
  if (noticed.length === 0) return 'none';
  return { kind: 'bounced', refusals: noticed, answers, sign: reported ? 'delivery report' : "a mail server's notice" };
}

/** A notice whole: what it quotes belongs to it. */
function textOf(message: MailMessage): string {
  const { text, quoted } = replyText(message);
  return message.text.trim() === '' ? `${text}\n${quoted}` : message.text;
}

/**
 * What a message means; undefined where it means nothing for those who were written to: receipts, delays, mass mail that
 * answers nothing, and what the reader sent.
 */
export function meaningOf(message: MailMessage, known: Correspondence): Meaning | undefined {
  const answers = namedIds(message).filter((id) => known.sentIds.has(id));
  if (known.sentIds.has(message.messageId ?? '')) return undefined;
  // Whoever has its author's address: an identity with the address of a mail server must hide no bounce.
  const report = meaningOfReport(message, answers);
  if (report) return report === 'none' ? undefined : report;
  const isOwn = known.ownAddresses?.has(message.from ?? '') === true;
  const { text } = replyText(message);
  const leave = known.leaveIn?.(message, text);
  const program = signOfProgram(message, text);
  const isWhole = program === undefined ? saysOnlyUnsubscribe(message, text) : isPressedUnsubscribe(message);
  // Who has an address of ours may object all the same: an address that is ours by mistake must silence nobody.
  if (typeof leave === 'object') return { kind: 'unsubscribed', answers, sign: 'token of List-Unsubscribe', leave };
  if (isWhole) return { kind: 'unsubscribed', answers, sign: 'the whole message' };
  if (isOwn) return undefined;
  if (leave) return { kind: 'unsubscribed', answers, sign: 'address of List-Unsubscribe', leave };
  if (answers.length === 0 && (program === undefined ? isBulk(message) : isMassMail(message))) return undefined;
  if (program !== undefined) return { kind: 'auto_replied', answers, sign: program };
  return { kind: 'replied', answers, sign: 'a message' };
}
