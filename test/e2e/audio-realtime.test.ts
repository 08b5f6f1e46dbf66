import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { outboxNamesIn } from '../support/kept-in.ts';
import { aRealtimeServer, type RealtimeFault } from '../support/realtime-server.ts';
import { spoken, understood } from '../support/speech.ts';
import { voiceScene } from '../support/voice.ts';

async function realtimeScene(fault?: RealtimeFault, prices?: object) {
  const service = await aRealtimeServer('Good day to you.', fault);
  const scene = await voiceScene({
    hosts: service.host,
    // Only where nothing ever comes is the wait for it part of the story.
    env: { OPENAI_API_KEY: 'RT-KEY', ...(fault === 'mute' ? { COUNTERSIGN_MODEL_TIMEOUT: '1' } : {}) },
    agent: {
      architecture: 'realtime',
      llm_config: {},
      voice: { realtime_provider: 'openai', realtime_base_url: service.url, voice_id: 'marin' },
    },
    ...(prices ? { prices } : {}),
  });
  return { ...scene, service };
}

describe('a realtime agent', () => {
  it('hears and answers over one connection, which is closed after it', async () => {
    const { speak, service, on } = await realtimeScene(undefined, { 'gpt-realtime': { per_minute: 60 } });
    const told = await speak(spoken('Who is there?', 48_000));
    expect(told).toMatchObject({
      transcript: 'Who is there?',
      response: 'Good day to you.',
      audio: { mime: 'audio/wav' },
    });
    const answer = fs.readFileSync(told.audio.path);
    expect(understood(answer)).toBe('Good day to you.');
    expect(answer.readUInt32LE(24)).toBe(24_000);
    expect(told.usage.cost_usd).toBeCloseTo(told.usage.audio_seconds, 2);
    const [one] = service.asked;
    expect(one).toMatchObject({ path: '/v1/realtime?model=gpt-realtime', headers: { authorization: 'Bearer RT-KEY' } });
    const [update] = one?.events ?? [];
    expect(update).toMatchObject({
      type: 'session.update',
      session: {
        type: 'realtime',
        output_modalities: ['audio'],
        audio: {
          input: {
            format: { type: 'audio/pcm', rate: 24_000 },
            turn_detection: null,
            transcription: { language: 'pt' },
          },
          output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'marin' },
        },
      },
    });
    await speak('And now?', { thread_id: told.thread_id });
    const again = service.asked[1]?.events ?? [];
    expect(again.filter(({ type }) => type === 'conversation.item.create').map(({ item }) => item)).toMatchObject([
      { role: 'user', content: [{ type: 'input_text', text: 'Who is there?' }] },
      { role: 'assistant', content: [{ type: 'output_text', text: 'Good day to you.' }] },
    ]);
    expect(service.asked.map(({ closed }) => closed)).toEqual([true, true]);
    const { thread } = await on.call('get_thread', { thread_id: told.thread_id });
    expect(thread.messages).toHaveLength(4);
  });

  it('is heard once, although its service says everything twice, and then something else', async () => {
    const { speak, service, on } = await realtimeScene('repeats');
    const told = await speak('Who is there?');
    expect(told).toMatchObject({ transcript: 'Who is there?', response: 'Good day to you.' });
    expect(understood(fs.readFileSync(told.audio.path))).toBe('Good day to you.');
    const types = service.asked[0]?.events.map(({ type }) => type);
    expect(types?.filter((type) => type === 'response.create')).toHaveLength(1);
    const { thread } = await on.call('get_thread', { thread_id: told.thread_id });
    expect(thread.messages.map(({ content }: { content: string }) => content)).toEqual([
      'Who is there?',
      'Good day to you.',
    ]);
  });

  it('is told that it can call nothing, and gets nothing to call, whatever the agent may do elsewhere', async () => {
    const { speak, service, on, agent_id } = await realtimeScene();
    await on.call('update_agent', { agent_id, changes: { capabilities: ['notes', 'email'] } });
    await speak('Who is there?');
    const { session } = service.asked[0]?.events[0] ?? {};
    expect(session.tools).toEqual([]);
    expect(session.instructions).toContain('In this turn you can call nothing and read nothing');
    expect(session.instructions).not.toMatch(/propose_actions|get_contact/);
  });

  it('answers nothing where nobody speaks, and takes 16-bit wav alone', async () => {
    const { refused, service } = await realtimeScene();
    expect(await refused(spoken(''))).toMatchObject({
      code: 'VALIDATION_ERROR',
      message: expect.stringContaining('Nobody speaks'),
    });
    expect(service.asked[0]?.events.map(({ type }) => type)).not.toContain('response.create');
    const eight = Buffer.from(spoken('x'));
    eight.writeUInt16LE(8, 34);
    eight.writeUInt16LE(1, 32);
    expect(await refused(eight)).toMatchObject({ code: 'VALIDATION_ERROR', details: { audio_path: 'no 16-bit wav' } });
    expect(service.asked).toHaveLength(1);
  });

  it.each<[RealtimeFault, RegExp, boolean]>([
    ['mute', /no answer in time/, false],
    ['garbage', /isn't its protocol/, false],
    ['error', /no such voice …/, false],
    ['refuses', /COUNTER|OPENAI_API_KEY/, false],
    ['cut', /no whole answer/, true],
    ['failed', /overloaded/, true],
    ['flood', /more than 10 MB/, true],
    ['chatters', /more than one turn holds/, true],
    ['calls', /asked for a function instead of an answer; a realtime turn calls none/, true],
  ])('says what failed: %s', async (fault, words, isHeard) => {
    const { refused, on, home } = await realtimeScene(fault);
    const error = await refused('Who is there?');
    expect(error).toMatchObject({ code: 'PROVIDER_ERROR', details: { step: 'realtime' } });
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain('RT-KEY');
    const { threads } = await on.call('list_threads');
    expect(threads.map(({ thread_id }: { thread_id: string }) => thread_id)).toEqual(
      isHeard ? [error.details?.thread_id] : [],
    );
    if (isHeard) {
      const { thread } = await on.call('get_thread', { thread_id: String(error.details?.thread_id) });
      expect(thread.messages.map(({ content }: { content: string }) => content)).toEqual(['Who is there?']);
    }
    expect(error.details?.transcript).toBe(isHeard ? 'Who is there?' : undefined);
    expect(await outboxNamesIn(home)).toEqual([]);
  });
});
