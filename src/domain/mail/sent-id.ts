import { createHash } from 'node:crypto';

/** What a Message-ID of ours tells: the run, and a digest that in this run only its own action gives. */
export type SentName = { run_id: string; mark: string };

const RUN = 'run_';
const OURS = /^<([0-9a-f]{16})\.([0-9a-z]{1,60})@[^<>@\s]+>$/;

/** The part of a Message-ID by which an action is known within its run, made of its idempotency key. */
export function markOf(idempotencyKey: string): string {
  return createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 16);
}

/**
 * The Message-ID of an email: the same for every attempt, and by it an answer finds its run without any index. It is kept
 * short, because a header line that has to be folded is read wrongly by some programs.
 */
export function sentId({ run_id, mark }: SentName, domain: string): string {
  return `<${mark}.${run_id.replace(RUN, '')}@${domain}>`;
}

/** What a Message-ID tells, where it is one of ours by its looks. Anybody can write such a one. */
export function readSentId(id: string): SentName | undefined {
  const [, mark, run] = OURS.exec(id) ?? [];
  return mark === undefined || run === undefined ? undefined : { run_id: `${RUN}${run}`, mark };
}
