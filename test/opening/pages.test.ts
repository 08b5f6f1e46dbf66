import { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { watchPages } from '../../src/opening/pages.ts';

/** A watch over requests that a test makes and ends, and what it says of pages. */
function aWatch() {
  const said: string[] = [];
  const clock = { now: 1_000 };
  const marks = { sayPage: () => void said.push('open'), endPage: () => void said.push('closed') };
  const { watch, idleSince, stop } = watchPages(marks, () => clock.now);
  const ask = (url: string) => {
    const request = new IncomingMessage(new Socket());
    request.url = url;
    const response = new ServerResponse(request);
    watch(request, response);
    return () => void EventEmitter.prototype.emit.call(response, 'close');
  };
  return { said, clock, ask, idleSince, stop };
}

describe('the watch over pages', () => {
  it('says that a page is open from the first stream to the last, whatever else is asked', () => {
    const { said, ask } = aWatch();
    const ends = ['/desk/queue', '/desk/events', '/desk/events?x=1', '/desk/eventsx', '/'].map(ask);
    expect(said).toEqual(['open']);
    ends[1]?.();
    expect(said).toEqual(['open']);
    ends[2]?.();
    expect(said).toEqual(['open', 'closed']);
  });

  it('knows since when nobody uses the server, and that somebody does while a request is open', () => {
    const { clock, ask, idleSince } = aWatch();
    expect(idleSince()).toBe(1_000);
    const end = ask('/desk/events');
    clock.now = 900_000;
    expect(idleSince()).toBeUndefined();
    end();
    clock.now = 950_000;
    expect(idleSince()).toBe(900_000);
  });

  it('says that none is open once the server ends', () => {
    const { said, ask, stop } = aWatch();
    ask('/desk/events');
    stop();
    expect(said).toEqual(['open', 'closed']);
  });
});
