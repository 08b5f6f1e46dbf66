import fs from 'node:fs';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inTurn } from '../support/chat.ts';
import { freshFolder } from '../support/folders.ts';
import { serve } from '../support/served.ts';
import { openSink } from '../support/sink.ts';
import { spoken, understood } from '../support/speech.ts';
import { voiceScene } from '../support/voice.ts';

const SAYS = { script: { reply: inTurn({ text: 'Ann is a lead.' }) } };

describe('what others are told of a turn by voice', () => {
  it('is no path of this machine: not by the callback, not by the name of a file, and nothing of a failure', async () => {
    const sink = await openSink();
    onTestFinished(() => sink.close());
    const { speak, refused, server, model, folder, home, on, agent_id } = await voiceScene({
      ...SAYS,
      hosts: sink.host,
      faults: (step, n) => (step === 'tts' && n > 0 ? { status: 400 } : undefined),
    });
    await on.call('update_agent', { agent_id, changes: { connections: { callback_url: sink.url('/told') } } });
    const told = await speak('Who is Ann?');
    expect(told.audio.path).toContain(path.basename(home));
    await expect.poll(() => sink.requests.length).toBe(1);
    const body = sink.requests[0]?.body ?? '';
    expect(JSON.parse(body)).toMatchObject({ transcript: 'Who is Ann?', audio: { mime: 'audio/wav' } });
    expect(JSON.parse(body).audio).not.toHaveProperty('path');
    const error = await refused('Who is Ann?');
    expect(error.details).toMatchObject({ step: 'tts' });
    expect(sink.requests).toHaveLength(1);
    const said = JSON.stringify([
      sink.requests,
      error,
      model.asked,
      server.asked.map(({ file, ...rest }) => [rest, file?.name]),
    ]);
    for (const place of [folder, home, fs.realpathSync(home), 'note.wav']) expect(said).not.toContain(place);
  });
});

describe('a recording named over HTTP', () => {
  it('is read nowhere where COUNTERSIGN_ALLOW_DIRS is not set', async () => {
    const folder = freshFolder('recordings');
    fs.writeFileSync(path.join(folder, 'note.wav'), spoken('x'));
    const { url, token } = await serve({ env: { OPENAI_API_KEY: 'never-sent' } });
    const client = new Client({ name: 'test', version: '1' });
    const headers = { authorization: `Bearer ${token()}` };
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url), { requestInit: { headers } }));
    onTestFinished(() => client.close());
    const call = (name: string, args: Record<string, unknown>) => client.callTool({ name, arguments: args });
    const voice = { stt: 'openai', tts: 'openai' };
    const agent = { name: 'Ear', architecture: 'pipeline', voice, playbook: { playbook_md: 'x' } };
    const model = { provider: 'openai', model: 'm' };
    expect(await call('create_agent', { ...agent, llm_config: model })).not.toHaveProperty('isError', true);
    for (const audio_path of [path.join(folder, 'note.wav'), 'package.json', '/etc/passwd']) {
      const { isError, content } = await call('chat_with_agent', { agent_id: 'Ear', audio_path });
      expect(isError).toBe(true);
      expect(JSON.stringify(content)).toMatch(/FORBIDDEN/);
    }
  });
});

describe('an answer longer than its service speaks at once', () => {
  it('is spoken sentence by sentence, and comes as one file', async () => {
    const text = 'This is a sentence of an answer. '.repeat(140).trim();
    const { speak, server } = await voiceScene({ script: { reply: inTurn({ text }) } });
    const told = await speak('Tell me more');
    expect(understood(fs.readFileSync(told.audio.path))).toBe(text);
    const inputs = server.asked.slice(1).map(({ fields }) => String(fields.input));
    expect(inputs).toHaveLength(2);
    for (const input of inputs) expect(input.length).toBeLessThanOrEqual(4_096);
    expect(told.usage.characters).toBe(text.length);
  });
});
