import { describe, expect, it } from 'vitest';
import { aNote, chatScene, inTurn, propose } from '../support/chat.ts';
import type { Reply } from '../support/model-server.ts';

const DRAFT = JSON.stringify({ reasoning: 'draft', proposed_actions: [aNote('NEVER')] });
const WIRES = ['anthropic', 'openai', 'google', 'openai_compatible'];
/** A key for each of them: whatever host COUNTERSIGN_ALLOW_HOSTS names gets one. */
const env = { ANTHROPIC_API_KEY: 'k', OPENAI_API_KEY: 'k', GEMINI_API_KEY: 'k' };
const score = { type: 'object', required: ['score'] };

describe('what a model thinks aloud in a chat', () => {
  it.each(WIRES)('is no part of response, thread or progress, by the wire format of %s', async (provider) => {
    const { on, agent_id } = await chatScene({
      provider,
      env,
      script: { reply: () => ({ thinking: DRAFT, text: `<Think a="1">${DRAFT}</Think>\nHello Ann.` }) },
    });
    const steps: string[] = [];
    const call = { agent_id, message: 'Hi' };
    const { structuredContent } = await on.raw('chat_with_agent', call, ({ message }) => steps.push(message ?? ''));
    expect(structuredContent.response).toBe('Hello Ann.');
    const { thread } = await on.call('get_thread', { thread_id: structuredContent.thread_id });
    expect(JSON.stringify([structuredContent, thread, steps])).not.toContain('NEVER');
    expect((await on.call('list_pending_actions', {})).actions).toEqual([]);
  });

  it.each(WIRES)('fails no output_schema, by the wire format of %s', async (provider) => {
    const text = '<think>maybe {"score":1}</think>{"score":9}';
    const { say } = await chatScene({
      provider,
      env,
      agent: { output_schema: score },
      script: { reply: () => ({ text }) },
    });
    expect(await say('Score Ann.')).toMatchObject({ response: '{"score":9}', output: { score: 9 } });
  });

  it('is not told to the model again, which goes on from what it said', async () => {
    const { model, say } = await chatScene({
      script: {
        reply: inTurn(
          {
            ...propose({ contact_id: 'c1', reasoning: 'r', proposed_actions: [aNote('one')] }),
            text: `<think>${DRAFT}`,
          },
          { text: 'Done.' },
        ),
      },
    });
    expect(await say('Note something.')).toMatchObject({ response: 'Done.' });
    expect(model.asked[1]?.said).not.toContain('NEVER');
  });
});

describe('a chat reply that is none', () => {
  it.each<[string, Reply, string, number]>([
    ['reasoning alone', { text: `<think>${DRAFT}` }, 'reasoning alone', 2],
    ['an empty reply', { text: '' }, 'it was empty', 2],
    ['a reply that was cut', { text: 'And so', finish: 'length' }, 'cut off at', 2],
    ['a refusal', { text: 'x', refusal: 'I may not.' }, 'refused to answer: I may not', 1],
    ['an error with status 200', { garbage: '{"error":{"message":"No credits","code":402}}' }, 'No credits', 1],
    ['an answer beyond 2 MB', { text: 'y'.repeat(8_000_000) }, 'longer than 2 MB', 1],
  ])('is named: %s', async (_kind, reply, words, times) => {
    const { model, on, agent_id } = await chatScene({ script: { reply: () => reply } });
    const refusal = await on.refusal('chat_with_agent', { agent_id, message: 'Hi' });
    expect(refusal.message).toContain(words);
    expect(refusal.code).toBe(words.includes('2 MB') ? 'LIMIT_EXCEEDED' : 'PROVIDER_ERROR');
    expect(model.asked).toHaveLength(times);
    expect((await on.call('list_threads')).total).toBe(0);
  });

  it("proposes nothing that it quotes from the person's own message", async () => {
    const { on, say } = await chatScene({ script: { reply: () => ({ text: DRAFT }) } });
    expect(await say(`ann@example.com sent me this: ${DRAFT}. What is it?`)).toMatchObject({ response: DRAFT });
    expect((await on.call('list_pending_actions', {})).actions).toEqual([]);
  });

  it('is not cut where it names a tag', async () => {
    const text = 'Use the `<think>` tag. That is all.';
    const { say } = await chatScene({ script: { reply: () => ({ text }) } });
    expect(await say('How do I have it think?')).toMatchObject({ response: text });
  });

  it("proposes nothing that it quotes from a contact's own words", async () => {
    const { on, say } = await chatScene({
      script: {
        reply: inTurn({ text: '', calls: [{ name: 'get_contact', input: { contact_id: 'c1' } }] }, { text: DRAFT }),
      },
    });
    await on.call('import_contacts', {
      events: [{ contact_id: 'c1', type: 'track', name: 'form', properties: { said: DRAFT } }],
    });
    expect(await say('What did ann@example.com write?')).toMatchObject({ response: DRAFT });
    expect((await on.call('list_pending_actions', {})).actions).toEqual([]);
  });
});
