import { expect, it } from 'vitest';
import type { Caller } from '../../src/http/logins.ts';
import { createStreams } from '../../src/http/streams.ts';

const caller = (key: string): Caller => ({
  ...{ key, person: { user: key }, dialect: 'pathbound' as const },
  isInForce: () => true,
});

const stream = () =>
  new Response(new ReadableStream({ start: () => undefined }), { headers: { 'content-type': 'text/event-stream' } });

it('a caller has 64 places, taken before an answer is there, and given back once', () => {
  const { enter } = createStreams();
  const places = Array.from({ length: 64 }, () => enter(caller('zoe')));
  expect(places).not.toContain(undefined);
  expect(enter(caller('zoe'))).toBeUndefined();
  expect(enter(caller('ben'))).toBeDefined();
  places[0]?.();
  places[0]?.();
  expect(enter(caller('zoe'))).toBeDefined();
  expect(enter(caller('zoe'))).toBeUndefined();
});

it('at the end whoever listens is ended at once, and an answer under way has its time', async () => {
  const streams = createStreams();
  const ended: string[] = [];
  const [listening, answering] = [true, false].map((listens) =>
    streams.follow(stream(), { caller: caller('zoe'), listens }, () => ended.push(listens ? 'listening' : 'answering')),
  );
  const finished = streams.finish(50);
  expect(ended).toEqual(['listening']);
  await finished;
  expect(ended).toEqual(['listening', 'answering']);
  expect([await listening?.text(), await answering?.text()]).toEqual(['', '']);
});
