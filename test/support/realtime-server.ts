import { createHash } from 'node:crypto';
import http from 'node:http';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { spokenAt, understoodAt } from './speech.ts';

type Json = ReturnType<typeof JSON.parse>;

/** How the server behaves where not rightly. */
export type RealtimeFault =
  | 'mute'
  | 'garbage'
  | 'error'
  | 'cut'
  | 'failed'
  | 'refuses'
  | 'flood'
  | 'repeats'
  | 'chatters'
  | 'calls';

const RATE = 24_000;

function frame(text: string): Buffer {
  const body = Buffer.from(text, 'utf8');
  const header = Buffer.alloc(10);
  header[0] = 0x81;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([header, body]);
}

/** The texts of whole frames at the start of what came, and the rest. 'close' for a closing frame. */
function textsIn(bytes: Buffer): { texts: string[]; rest: Buffer } {
  const texts: string[] = [];
  let at = 0;
  for (;;) {
    if (bytes.length < at + 2) break;
    const short = (bytes[at + 1] ?? 0) & 127;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (bytes.length < at + 2 + extra + 4) break;
    const length =
      short === 126 ? bytes.readUInt16BE(at + 2) : short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short;
    const start = at + 2 + extra + 4;
    if (bytes.length < start + length) break;
    const mask = bytes.subarray(start - 4, start);
    const body = Buffer.from(bytes.subarray(start, start + length).map((byte, n) => byte ^ (mask[n % 4] ?? 0)));
    texts.push(((bytes[at] ?? 0) & 15) === 8 ? 'close' : body.toString('utf8'));
    at = start + length;
  }
  return { texts, rest: bytes.subarray(at) };
}

const PLACE = { response_id: 'resp_1', item_id: 'item_2', output_index: 0, content_index: 0 };

/** The events of one answer, as the API numbers and places them. */
function answerEvents(says: string, place: typeof PLACE): object[] {
  const samples = spokenAt(says, RATE);
  const pieces: object[] = [];
  for (let at = 0; at < samples.length; at += 10_000) {
    const delta = samples.subarray(at, at + 10_000).toString('base64');
    pieces.push({ type: 'response.output_audio.delta', ...place, delta });
  }
  return [
    ...pieces,
    { type: 'response.output_audio.done', ...place },
    { type: 'response.output_audio_transcript.done', ...place, transcript: says },
  ];
}

/** OpenAI's Realtime API on loopback: what it hears it understands, and answers with `says`. */
export async function aRealtimeServer(says: string, fault?: RealtimeFault) {
  const asked: { path: string; headers: http.IncomingHttpHeaders; events: Json[]; closed: boolean }[] = [];
  const sockets = new Set<Duplex>();
  const answerTo = (send: (event: object) => void, socket: Duplex, events: Json[]) => (event: Json) => {
    events.push(event);
    if (event.type === 'session.update') send({ type: 'session.updated', session: event.session });
    if (event.type === 'input_audio_buffer.commit') {
      if (fault === 'mute') return;
      if (fault === 'garbage') return void socket.write(frame('{"type":'));
      if (fault === 'error') return send({ type: 'error', error: { message: 'no such voice RT-KEY' } });
      const sound = events.filter(({ type }) => type === 'input_audio_buffer.append').map(({ audio }) => audio);
      const transcript = understoodAt(Buffer.concat(sound.map((piece) => Buffer.from(piece, 'base64'))), RATE);
      const heard = { type: 'conversation.item.input_audio_transcription.completed', item_id: 'item_1', transcript };
      send(heard);
      if (fault === 'repeats') send(heard);
      if (fault === 'chatters') for (let n = 0; n < 30_000; n++) send({ type: 'rate_limits.updated' });
    }
    if (event.type === 'response.create') {
      if (fault === 'chatters') return;
      if (fault === 'calls')
        return send({
          type: 'response.done',
          response: { id: 'resp_1', status: 'completed', output: [{ type: 'function_call', name: 'get_contact' }] },
        });
      if (fault === 'failed')
        return send({
          type: 'response.done',
          response: { status: 'failed', status_details: { error: { message: 'overloaded' } } },
        });
      const answer = answerEvents(says, PLACE);
      const [first] = answer;
      if (fault === 'cut') {
        send(first ?? {});
        return void socket.destroy();
      }
      if (fault === 'flood')
        for (let n = 0; n < 12; n++)
          send({ type: 'response.output_audio.delta', delta: Buffer.alloc(1 << 20).toString('base64') });
      for (const one of answer) {
        const event_id = `event_of_${JSON.stringify(one).length}_${answer.indexOf(one)}`;
        send({ ...one, event_id });
        if (fault === 'repeats') send({ ...one, event_id });
      }
      const done = { type: 'response.done', response: { id: 'resp_1', status: 'completed' } };
      if (fault === 'repeats') {
        for (const one of answer) send(one);
        for (const one of answerEvents('And another.', { ...PLACE, response_id: 'resp_2', item_id: 'item_3' }))
          send(one);
        send({ type: 'response.done', response: { id: 'resp_2', status: 'completed' } });
        send(done);
      }
      send(done);
    }
  };
  const server = http.createServer((_request, response) => void response.writeHead(404).end());
  server.on('upgrade', (request: http.IncomingMessage, socket: Duplex) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const one = { path: request.url ?? '', headers: request.headers, events: [], closed: false };
    asked.push(one);
    if (fault === 'refuses') return void socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    let sent = 0;
    const send = (event: object) => void socket.write(frame(JSON.stringify({ event_id: `event_${sent++}`, ...event })));
    const take = answerTo(send, socket, one.events);
    let rest: Buffer = Buffer.alloc(0);
    send({ type: 'session.created' });
    socket.on('data', (piece: Buffer) => {
      const read = textsIn(Buffer.concat([rest, piece]));
      rest = read.rest;
      for (const text of read.texts)
        if (text === 'close') {
          one.closed = true;
          socket.end(Buffer.from([0x88, 0]));
        } else take(JSON.parse(text));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  const host = `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return { host, url: `http://${host}/v1`, asked };
}
