import http from 'node:http';
import { onTestFinished } from 'vitest';
import { spoken, understood } from './speech.ts';

/** One request to a service that hears or speaks, as it came. */
export type VoiceAsked = {
  path: string;
  headers: http.IncomingHttpHeaders;
  /** The fields of a form or of a JSON body. */
  fields: Record<string, unknown>;
  /** The recording that came, and the name that its sender gave it. */
  file?: { bytes: Buffer; name: string; type: string };
};

/** How a request is answered, where not in the right way. */
export type VoiceFault =
  | { status: number; headers?: Record<string, string>; body?: string }
  | { body: string | Buffer; type?: string }
  | { misbehave: 'hang' | 'reset' | 'drip' | 'flood' | 'cut' };

/** Says how the n-th request to a path's end is answered; undefined: rightly. */
export type VoiceScript = (step: 'stt' | 'tts', n: number) => VoiceFault | undefined;

async function bytesOf(request: http.IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

async function askedOf(request: http.IncomingMessage): Promise<VoiceAsked> {
  const { headers, url: path = '/' } = request;
  const bytes = await bytesOf(request);
  const type = headers['content-type'] ?? '';
  if (/^audio\//.test(type)) return { path, headers, fields: {}, file: { bytes, name: '', type } };
  if (!type.startsWith('multipart/')) return { path, headers, fields: JSON.parse(bytes.toString('utf8')) };
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
  const fields: Record<string, unknown> = {};
  let file: VoiceAsked['file'];
  for (const [name, value] of form)
    if (typeof value === 'string') fields[name] = value;
    else file = { bytes: Buffer.from(await value.arrayBuffer()), name: value.name, type: value.type };
  return { path, headers, fields, ...(file ? { file } : {}) };
}

function misbehave(response: http.ServerResponse, how: 'hang' | 'reset' | 'drip' | 'flood' | 'cut'): void {
  if (how === 'hang') return;
  if (how === 'reset') return void response.socket?.destroy();
  response.writeHead(200, { 'content-type': 'audio/wav' });
  const header = spoken('never').subarray(0, 44);
  if (how === 'cut') {
    response.write(header, () => response.socket?.destroy());
    return;
  }
  response.write(header);
  const piece = Buffer.alloc(how === 'flood' ? 1 << 20 : 2);
  const drip = setInterval(() => response.write(piece), 5);
  response.on('close', () => clearInterval(drip));
}

/** A wav file as a server streams it, which doesn't know its length when it begins. */
function streamed(wav: Buffer): Buffer {
  const bytes = Buffer.from(wav);
  bytes.writeUInt32LE(0xffffffff, 4);
  bytes.writeUInt32LE(0xffffffff, 40);
  return bytes;
}

function faulty(response: http.ServerResponse, fault: VoiceFault): void {
  if ('misbehave' in fault) {
    misbehave(response, fault.misbehave);
    return;
  }
  if ('status' in fault) {
    response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
    response.end(fault.body ?? JSON.stringify({ error: { message: `status ${fault.status}` } }));
    return;
  }
  response.writeHead(200, { 'content-type': fault.type ?? 'application/json' });
  response.end(fault.body);
}

function rightAnswer(response: http.ServerResponse, step: 'stt' | 'tts', { path, file, fields }: VoiceAsked): void {
  if (step === 'tts') {
    response.writeHead(200, { 'content-type': 'audio/wav' });
    response.end(streamed(spoken(String(fields.input ?? fields.transcript ?? ''))));
    return;
  }
  const text = file ? understood(file.bytes) : '';
  const body = path.includes('/listen')
    ? { metadata: { duration: 1 }, results: { channels: [{ alternatives: [{ transcript: text, confidence: 1 }] }] } }
    : { text };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const STEPS = [
  [/^\/v1\/audio\/transcriptions$|^\/v1\/listen/, 'stt'],
  [/^\/v1\/audio\/speech$|^\/tts\/bytes$/, 'tts'],
] as const;

/** Services that hear and speak, on loopback, in the wire formats of OpenAI, Deepgram and Cartesia. */
export async function aVoiceServer(script: VoiceScript = () => undefined) {
  const asked: VoiceAsked[] = [];
  const counts = { stt: 0, tts: 0 };
  const server = http.createServer(async (request, response) => {
    const one = await askedOf(request);
    asked.push(one);
    const step = STEPS.find(([path]) => path.test(one.path))?.[1];
    if (!step) return void response.writeHead(404).end(`no such path: ${one.path}`);
    const fault = script(step, counts[step]++);
    if (fault) faulty(response, fault);
    else rightAnswer(response, step, one);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return { host, url: `http://${host}`, asked };
}
