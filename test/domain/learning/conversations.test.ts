import { describe, expect, it } from 'vitest';
import { conversationFigures } from '../../../src/domain/learning/conversation-figures.ts';
import type { ConversationFact } from '../../../src/domain/learning/facts.ts';

const AT = '2026-01-01T00:00:00.000Z';
const span = { from: AT, to: '2026-01-02T00:00:00.000Z' };
const period = { days: 7, span, before: undefined };

function held(fact: Partial<ConversationFact>): ConversationFact {
  return { created_at: AT, updated_at: AT, status: 'completed', messages: 4, replies: [], ...fact };
}

describe('figures of conversations', () => {
  it('take the sentiment of those that have one, and say why there is none', () => {
    const told = conversationFigures(
      [0.21, 0.2, -0.2, -0.21].map((sentiment) => held({ sentiment })),
      period,
    );
    expect(told.sentiment).toEqual({ average: 0, distribution: { positive: 1, neutral: 2, negative: 1 } });
    expect(conversationFigures([held({})], period).sentiment).toMatchObject({ average: null, why: expect.any(String) });
  });

  it('count tasks among ended conversations that said so', () => {
    const done = { task_completed: true };
    const all = [held(done), held({ task_completed: false }), held({}), held({ ...done, status: 'open' })];
    expect(conversationFigures(all, period).task_completion).toEqual({ rate: 0.5, trend: null });
  });

  it('are no shorter for a conversation whose person was erased', () => {
    const all = [held({ messages: 6 }), held({ messages: 0, status: 'abandoned' })];
    expect(conversationFigures(all, period).avg_conversation_length).toBe(6);
  });
});
