import fs from 'node:fs';
import path from 'node:path';
import { chatScene } from './chat.ts';
import { aHome } from './fixtures.ts';
import type { Script } from './model-server.ts';
import { spoken } from './speech.ts';
import { aVoiceServer, type VoiceScript } from './voice-server.ts';

type VoiceSetting = {
  script?: Script;
  faults?: VoiceScript;
  voice?: Record<string, unknown>;
  agent?: Record<string, unknown>;
  env?: Record<string, string>;
  /** More hosts that may be reached. */
  hosts?: string;
  prices?: object;
};

/** An agent that hears and speaks by services on loopback, and a folder of recordings that may be read. */
export async function voiceScene({
  script,
  faults,
  voice = {},
  agent = {},
  env = {},
  prices,
  hosts = '',
}: VoiceSetting = {}) {
  const server = await aVoiceServer(faults);
  const folder = aHome();
  const scene = await chatScene({
    ...(script ? { script } : {}),
    hosts: `${server.host} ${hosts}`,
    env: { COUNTERSIGN_ALLOW_DIRS: folder, ...env },
    agent: {
      architecture: 'pipeline',
      language: 'pt-BR',
      voice: {
        stt: 'openai_compatible',
        tts: 'openai_compatible',
        stt_base_url: server.url,
        tts_base_url: `${server.url}/v1`,
        ...voice,
      },
      ...agent,
    },
  });
  if (prices) fs.writeFileSync(path.join(scene.home, 'prices.json'), JSON.stringify(prices));
  const recorded = (content: string | Buffer, name = 'note.wav') => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, typeof content === 'string' ? spoken(content) : content);
    return file;
  };
  const args = (content: string | Buffer, more: Record<string, unknown> = {}) => ({
    agent_id: scene.agent_id,
    audio_path: recorded(content),
    ...more,
  });
  return {
    ...scene,
    server,
    folder,
    recorded,
    speak: (content: string | Buffer, more: Record<string, unknown> = {}) =>
      scene.on.call('chat_with_agent', args(content, more)),
    refused: (content: string | Buffer, more: Record<string, unknown> = {}) =>
      scene.on.refusal('chat_with_agent', args(content, more)),
  };
}
