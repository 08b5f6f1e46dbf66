import { describe, expect, it } from 'vitest';
import { asWhole } from '../../src/http/whole-answer.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const EVENTS = { 'content-type': 'text/event-stream' };

/** A body that is written to by hand, and says why it was cancelled. */
function aBody() {
  let cancelled: unknown;
  const { readable, writable } = new TransformStream<Uint8Array>(undefined, undefined, { highWaterMark: 8 });
  const writer = writable.getWriter();
  writer.closed.catch((reason: unknown) => {
    cancelled = reason;
  });
  return { readable, writer, cancelled: () => cancelled };
}

describe('an answer in a session', () => {
  it('is sent as a whole, with its length, where it ends at once', async () => {
    const { readable, writer } = aBody();
    writer.write(bytes('event: message\n'));
    writer.write(bytes('data: {}\n\n'));
    writer.close();
    const answer = await asWhole(new Response(readable, { status: 201, headers: EVENTS }));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([201, 'text/event-stream']);
    expect(answer.headers.get('content-length')).toBe('25');
    expect(await answer.text()).toBe('event: message\ndata: {}\n\n');
  });

  it('is a stream where it goes on, with all that came before', async () => {
    const { readable, writer } = aBody();
    writer.write(bytes('first '));
    const answer = await asWhole(new Response(readable, { headers: EVENTS }));
    expect(answer.headers.has('content-length')).toBe(false);
    writer.write(bytes('second '));
    writer.write(bytes('third'));
    writer.close();
    expect(await answer.text()).toBe('first second third');
  });

  it('begins before anything of it is there, and is given up with its reader', async () => {
    const { readable, writer, cancelled } = aBody();
    const answer = await asWhole(new Response(readable, { headers: EVENTS }));
    expect(answer.headers.has('content-length')).toBe(false);
    await answer.body?.cancel('the client went');
    await writer.closed.catch(() => undefined);
    expect(cancelled()).toBe('the client went');
  });

  it('without a body stays as it is', async () => {
    const none = new Response(null, { status: 202 });
    expect(await asWhole(none)).toBe(none);
  });
});
