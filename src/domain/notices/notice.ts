import { howMany } from '../text/how-many.ts';
import { visible, visibleAddress } from '../text/visible.ts';

/** How many actions of one kind wait for an agent's person. */
export type WaitingKind = { agent_id: string; agent_name: string; type: string; noun: string; count: number };

/** One action of a notice with details: where it goes and what it is about, and nothing of its text. */
export type NoticeRow = { agent_name: string; type: string; to?: string; subject?: string };

/** What a notice tells. `rows` only where the person wants details. */
export type NoticeFacts = {
  at: string;
  kinds: WaitingKind[];
  unknown: number;
  changes: number;
  braked_since?: string;
  /** Where the desk is, where the home is served. */
  url?: string;
  rows?: NoticeRow[];
};

const MOST_KINDS = 6;
const LONGEST_NAME = 60;
const LONGEST_SUBJECT = 120;

/** A text of others on one line, cut, with what can't be seen in it named. */
function cutLine(text: string, longest: number): string {
  const line = visible(text).replace(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

function totalOf({ kinds }: NoticeFacts): number {
  return kinds.reduce((sum, { count }) => sum + count, 0);
}

/** "8 emails of Pricing follow-up, 4 notes": an agent's name stands once, the agent with the most first. */
function kindsInWords(kinds: readonly WaitingKind[]): string {
  const totals = new Map<string, number>();
  for (const { agent_id, count } of kinds) totals.set(agent_id, (totals.get(agent_id) ?? 0) + count);
  const rank = ({ agent_id }: WaitingKind) => totals.get(agent_id) ?? 0;
  const sorted = [...kinds].sort(
    (a, b) =>
      rank(b) - rank(a) || (a.agent_id < b.agent_id ? -1 : Number(a.agent_id > b.agent_id)) || b.count - a.count,
  );
  const shown = sorted.slice(0, MOST_KINDS).map(({ agent_id, agent_name, noun, count }, at) => {
    const isSame = sorted[at - 1]?.agent_id === agent_id;
    return `${howMany(count, noun)}${isSame ? '' : ` of ${cutLine(agent_name, LONGEST_NAME)}`}`;
  });
  const left = sorted.slice(MOST_KINDS).reduce((sum, { count }) => sum + count, 0);
  return [...shown, ...(left > 0 ? [`${left} others`] : [])].join(', ');
}

/** A notice in one line of plain ASCII: a header may hold it. */
export function noticeTitle(facts: NoticeFacts): string {
  const count = totalOf(facts);
  const parts = [
    ...(count > 0 ? [`${count} ${count === 1 ? 'waits' : 'wait'}`] : []),
    ...(facts.unknown > 0 ? [`${howMany(facts.unknown, 'outcome')} unknown`] : []),
    ...(facts.changes > 0 && count === 0 ? [`${howMany(facts.changes, 'change')} to decide`] : []),
    ...(facts.braked_since === undefined ? [] : ['the brake is on']),
  ];
  return `Countersign: ${parts.join(', ') || 'nothing waits'}`;
}

function rowInWords({ agent_name, type, to, subject }: NoticeRow): string {
  const where = to === undefined ? undefined : visibleAddress(to);
  const about = [where, subject].flatMap((text) => (text === undefined ? [] : [cutLine(text, LONGEST_SUBJECT)]));
  return `- ${about.length > 0 ? about.join(': ') : `${type} of ${cutLine(agent_name, LONGEST_NAME)}`}`;
}

/** A notice in sentences. */
export function noticeText(facts: NoticeFacts): string {
  const { kinds, unknown, changes, braked_since, rows = [] } = facts;
  const count = totalOf(facts);
  const sentences = [
    ...(count > 0 ? [`${count} ${count === 1 ? 'waits' : 'wait'}: ${kindsInWords(kinds)}.`] : []),
    ...(unknown > 0
      ? [`${howMany(unknown, 'outcome')} ${unknown === 1 ? 'is' : 'are'} unknown: find out what happened.`]
      : []),
    ...(changes > 0 ? [`${howMany(changes, 'change')} ${changes === 1 ? 'waits' : 'wait'} for your word.`] : []),
    ...(braked_since === undefined ? [] : [`The brake is on since ${braked_since}: nothing goes out until it is off.`]),
  ];
  return [sentences.join(' ') || 'Nothing waits.', ...rows.map(rowInWords)].join('\n');
}

/** A notice as JSON, in the frame of Standard Webhooks. */
export function noticeBody(facts: NoticeFacts) {
  const { at, kinds, unknown, changes, braked_since, url, rows } = facts;
  return {
    type: 'action.pending',
    timestamp: at,
    data: {
      waiting: totalOf(facts),
      unknown,
      changes,
      brake: braked_since === undefined ? { on: false } : { on: true, since: braked_since },
      groups: kinds.map(({ noun: _noun, ...kind }) => kind),
      text: noticeText(facts),
      ...(url === undefined ? {} : { url }),
      ...(rows === undefined ? {} : { actions: rows }),
    },
  };
}
