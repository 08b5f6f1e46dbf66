import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inTurn } from '../support/chat.ts';
import { outboxNamesIn } from '../support/kept-in.ts';
import { understood } from '../support/speech.ts';
import { voiceScene } from '../support/voice.ts';
import type { VoiceFault, VoiceScript } from '../support/voice-server.ts';

const SAYS = { script: { reply: inTurn({ text: 'Ann is a lead.' }) } };
/** Only where an answer never comes is the wait for it part of the story. The steps before it have the same time. */
const waitFor = (fault: VoiceFault, seconds = '2') =>
  'misbehave' in fault && ['hang', 'drip'].includes(fault.misbehave) ? { COUNTERSIGN_MODEL_TIMEOUT: seconds } : {};
const always =
  (step: 'stt' | 'tts', fault: VoiceFault): VoiceScript =>
  (at) =>
    at === step ? fault : undefined;

const FAULTS: [string, VoiceFault, RegExp][] = [
  [
    'a wrong key',
    { status: 401, body: '{"error":{"message":"bad key COUNTER-KEY"}}' },
    /401: bad key …\. Put a valid key into COUNTERSIGN_EAR_KEY/,
  ],
  ['silence', { misbehave: 'hang' }, /no answer in time/],
  ['a cut line', { misbehave: 'cut' }, /no whole answer/],
  ['an answer without end', { misbehave: 'drip' }, /no answer in time/],
  ['an answer too large', { misbehave: 'flood' }, /more than \d+ MB/],
  ['a page', { body: '<html><title>Welcome</title></html>', type: 'text/html' }, /no (transcript|audio).*Welcome/],
  ['an error in a 200', { body: '{"error":{"message":"out of memory"}}' }, /no (transcript|audio).*out of memory/],
  ['a redirect', { status: 307, headers: { location: 'http://169.254.169.254/' } }, /307.*Redirects are not followed/],
];

describe('a service that fails', () => {
  it.each(FAULTS)(
    'while it writes down, by %s: nothing was asked, and no empty thread is left',
    async (_how, fault, words) => {
      const { refused, model, on } = await voiceScene({
        faults: always('stt', fault),
        voice: { stt_api_key_env: 'COUNTERSIGN_EAR_KEY' },
        env: { ...waitFor(fault), COUNTERSIGN_EAR_KEY: 'COUNTER-KEY' },
      });
      const error = await refused('Who is Ann?');
      expect(error).toMatchObject({ code: 'PROVIDER_ERROR', details: { step: 'stt' } });
      expect(error.message).toMatch(words);
      expect(error.message).not.toContain('COUNTER-KEY');
      expect(model.asked).toEqual([]);
      expect(error.details).not.toHaveProperty('thread_id');
      expect((await on.call('list_threads')).threads).toEqual([]);
    },
  );

  it.each(FAULTS)(
    'while it speaks, by %s: what was said on both sides stays in the thread',
    async (_how, fault, words) => {
      const { refused, on, home } = await voiceScene({
        ...SAYS,
        faults: always('tts', fault),
        voice: { tts_api_key_env: 'COUNTERSIGN_EAR_KEY' },
        env: { ...waitFor(fault, '8'), COUNTERSIGN_EAR_KEY: 'COUNTER-KEY' },
      });
      const error = await refused('Who is Ann?');
      expect(error).toMatchObject({ code: 'PROVIDER_ERROR', details: { step: 'tts', transcript: 'Who is Ann?' } });
      expect(error.message).toMatch(words);
      const { thread } = await on.call('get_thread', { thread_id: String(error.details?.thread_id) });
      expect(thread.messages).toMatchObject([{ content: 'Who is Ann?' }, { content: 'Ann is a lead.' }]);
      expect(await outboxNamesIn(home)).toEqual([]);
    },
  );

  it('is the model: what was transcribed stays in the thread, once', async () => {
    const { refused, on } = await voiceScene({ script: { reply: () => ({ status: 400 }) } });
    const error = await refused('Who is Ann?');
    expect(error).toMatchObject({ code: 'PROVIDER_ERROR', details: { step: 'model', transcript: 'Who is Ann?' } });
    const { thread } = await on.call('get_thread', { thread_id: String(error.details?.thread_id) });
    expect(thread.messages).toMatchObject([{ role: 'user', content: 'Who is Ann?' }]);
  });

  it('is asked again when it said to come back', async () => {
    const busy: VoiceScript = (_step, n) => (n === 0 ? { status: 429, headers: { 'retry-after': '0' } } : undefined);
    const { speak, server } = await voiceScene({ ...SAYS, faults: busy });
    const told = await speak('Who is Ann?');
    expect(understood(fs.readFileSync(told.audio.path))).toBe('Ann is a lead.');
    expect(server.asked).toHaveLength(4);
    expect(server.asked[1]?.file?.bytes.length).toBe(server.asked[0]?.file?.bytes.length);
  });
});

const PRICES = {
  'm-1': { input: 1, output: 1 },
  'whisper-1': { per_minute: 60 },
  'tts-1': { per_1k_characters: 1000 },
};

describe('what a turn by voice costs', () => {
  it('counts seconds heard and characters spoken, under the caps of the agent', async () => {
    const { speak, refused, on, agent_id, server } = await voiceScene({ ...SAYS, prices: PRICES });
    const told = await speak('Who is Ann?');
    expect(told.usage.cost_usd).toBeCloseTo(0.0011 + told.usage.audio_seconds + 14, 6);
    await on.call('update_agent', {
      agent_id,
      changes: { limits: { max_cost_usd_per_day: told.usage.cost_usd + 0.01 } },
    });
    server.asked.length = 0;
    expect(await refused('Who is Ann?')).toMatchObject({ code: 'LIMIT_EXCEEDED' });
    expect(server.asked).toEqual([]);
  });

  it('is nothing that a capped agent spends where nobody knows the price', async () => {
    const { refused, server } = await voiceScene({ agent: { limits: { max_cost_usd_per_run: 1 } } });
    const error = await refused('Who is Ann?');
    expect(error).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringContaining('{"whisper-1": {"per_minute": ...}}'),
    });
    expect(server.asked).toEqual([]);
  });
});

describe('where a voice may go', () => {
  it('is refused at creation, and waits at a change, for a host that nobody named', async () => {
    const { on, agent_id } = await voiceScene();
    const stt_base_url = 'https://ears.example/v1';
    expect(await on.refusal('update_agent', { agent_id, changes: { voice: { stt_base_url } } })).toMatchObject({
      code: 'FORBIDDEN',
      details: { change_id: expect.any(String) },
    });
    const voice = { stt: 'openai', tts: 'openai', tts_base_url: stt_base_url };
    const given = { name: 'New', playbook: { playbook_md: 'x' }, architecture: 'pipeline', llm_config: { model: 'm' } };
    expect(await on.refusal('create_agent', { ...given, voice })).toMatchObject({ code: 'FORBIDDEN' });
    for (const [field, value] of [
      ['stt', 'elevenlabs'],
      ['tts', 'deepgram'],
    ])
      expect(await on.refusal('create_agent', { ...given, voice: { ...voice, [field ?? '']: value } })).toMatchObject({
        code: 'VALIDATION_ERROR',
        details: { [`voice.${field}`]: expect.stringContaining('openai_compatible') },
      });
    expect(
      await on.refusal('create_agent', { ...given, voice: { stt: 'openai', tts: 'openai', stt_api_key_env: 'HOME' } }),
    ).toMatchObject({ code: 'VALIDATION_ERROR', details: { 'voice.stt_api_key_env': expect.any(String) } });
  });

  it('needs its own key: without one nothing is sent, and get_agent tells the models by which prices count', async () => {
    const { on, agent_id, refused, server } = await voiceScene();
    expect((await on.call('get_agent', { agent_id })).agent.voice).toMatchObject({
      stt_model: 'whisper-1',
      tts_model: 'tts-1',
    });
    await on.call('update_agent', { agent_id, changes: { voice: { stt: 'openai' } }, clear: ['voice.stt_base_url'] });
    expect(await refused('Who is Ann?')).toMatchObject({
      code: 'PROVIDER_ERROR',
      message: expect.stringContaining('OPENAI_API_KEY'),
    });
    expect(server.asked).toEqual([]);
  });
});
