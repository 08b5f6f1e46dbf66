/** The steps in which an agent hears and speaks: speech to text, text to speech, or both at once. */
export type VoiceStep = 'stt' | 'tts' | 'realtime';

/** A service that hears or speaks, with what is taken where an agent doesn't say. */
export type VoiceService = {
  name: string;
  /** The base URL of the service's own API, as its maker's libraries have it; undefined where an agent has to name one. */
  home: string | undefined;
  /** What is added to a base URL without a path. */
  version: string;
  keys: readonly string[];
  model: string;
  /** The voice where the agent names none; undefined where it has to name one. */
  voice?: string;
};

const openaiVoice = {
  name: 'openai',
  home: 'https://api.openai.com/v1',
  version: '/v1',
  keys: ['OPENAI_API_KEY'],
} as const;
const compatible = { name: 'openai_compatible', home: undefined, version: '/v1', keys: [] } as const;
const deepgram = {
  name: 'deepgram',
  home: 'https://api.deepgram.com',
  version: '',
  keys: ['DEEPGRAM_API_KEY'],
} as const;
const cartesia = {
  name: 'cartesia',
  home: 'https://api.cartesia.ai',
  version: '',
  keys: ['CARTESIA_API_KEY'],
} as const;

export const VOICE_SERVICES: Readonly<Record<VoiceStep, readonly VoiceService[]>> = {
  stt: [
    { ...deepgram, model: 'nova-3' },
    { ...openaiVoice, model: 'gpt-4o-mini-transcribe' },
    { ...compatible, model: 'whisper-1' },
  ],
  tts: [
    { ...cartesia, model: 'sonic-3' },
    { ...openaiVoice, model: 'gpt-4o-mini-tts', voice: 'alloy' },
    { ...compatible, model: 'tts-1', voice: 'alloy' },
  ],
  realtime: [{ ...openaiVoice, model: 'gpt-realtime', voice: 'alloy' }],
};
