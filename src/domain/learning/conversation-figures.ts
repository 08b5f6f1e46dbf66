import { rounded4 } from './decision-figures.ts';
import type { ConversationFact } from './facts.ts';
import type { Period, TimeSpan } from './period.ts';
import { meanOf } from './quantiles.ts';

/** From here on a conversation was a content one, and below the negative of it a discontent one. */
const CONTENT = 0.2;
const NOBODY_SAID = 'no conversation was ended with a sentiment (end_thread)';

function began(all: readonly ConversationFact[], { from, to }: TimeSpan): ConversationFact[] {
  return all.filter(({ created_at }) => created_at >= from && created_at < to);
}

/** The share of ended conversations that did what they were for, among those that said so; null where none did. */
export function completedTasks(all: readonly ConversationFact[]): number | null {
  const said = all.filter(({ status, task_completed }) => status !== 'open' && task_completed !== undefined);
  if (said.length === 0) return null;
  return said.filter(({ task_completed }) => task_completed === true).length / said.length;
}

export function sentimentOf(all: readonly ConversationFact[]) {
  const said = all.flatMap(({ sentiment }) => (sentiment === undefined ? [] : [sentiment]));
  const average = meanOf(said);
  if (average === null) return { average, distribution: null, why: NOBODY_SAID };
  const positive = said.filter((each) => each > CONTENT).length;
  const negative = said.filter((each) => each < -CONTENT).length;
  return {
    average: rounded4(average),
    distribution: { positive, neutral: said.length - positive - negative, negative },
  };
}

export function conversationCounts(all: readonly ConversationFact[], span: TimeSpan) {
  const now = began(all, span);
  const count = (status: ConversationFact['status']) => now.filter((each) => each.status === status).length;
  const completed = count('completed');
  return {
    total_conversations: now.length,
    completed_conversations: completed,
    abandoned_conversations: count('abandoned'),
    completion_rate: now.length === 0 ? null : rounded4(completed / now.length),
  };
}

/** The figures of the conversations that began in a period. */
export function conversationFigures(all: readonly ConversationFact[], { span, before }: Period) {
  const now = began(all, span);
  const [rate, earlier] = [completedTasks(now), before ? completedTasks(began(all, before)) : null];
  const trend = rate === null || earlier === null ? null : rounded4(rate - earlier);
  const [replied, length] = [
    meanOf(now.flatMap(({ replies }) => replies)),
    // Of erased contacts' conversations nothing that was said is left: they count, but have no length.
    meanOf(now.flatMap(({ messages }) => (messages > 0 ? [messages] : []))),
  ];
  return {
    task_completion: { rate: rounded4(rate), trend },
    sentiment: sentimentOf(now),
    avg_response_time: replied === null ? null : Number(replied.toFixed(1)),
    avg_conversation_length: length === null ? null : Number(length.toFixed(1)),
  };
}
