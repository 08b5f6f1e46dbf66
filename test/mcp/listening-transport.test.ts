import { PassThrough } from 'node:stream';
import { SUBSCRIPTION_ID_META_KEY } from '@modelcontextprotocol/server';
import { describe, expect, it, vi } from 'vitest';
import { ListeningTransport } from '../../src/mcp/subscriptions/listening-transport.ts';

const URI = 'countersign://pending';

async function aTransport() {
  const input = new PassThrough();
  const output = new PassThrough();
  output.resume();
  const transport = new ListeningTransport(input, output);
  const onmessage = vi.fn();
  const onlisten = vi.fn();
  transport.onmessage = onmessage;
  transport.onlisten = onlisten;
  await transport.start();
  let received = 0;
  const receive = async (message: object) => {
    input.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
    received += 1;
    await expect.poll(() => onmessage.mock.calls.length).toBe(received);
  };
  const listen = (id: number) =>
    receive({ id, method: 'subscriptions/listen', params: { notifications: { resourceSubscriptions: [URI] } } });
  const cancel = (id: number) => receive({ method: 'notifications/cancelled', params: { requestId: id } });
  const acknowledge = (id: number) =>
    transport.send({
      jsonrpc: '2.0',
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { resourceSubscriptions: [URI] }, _meta: { [SUBSCRIPTION_ID_META_KEY]: id } },
    });
  return { transport, onlisten, listen, cancel, acknowledge };
}

describe('the listening transport', () => {
  it('sends answers to a slow reader one at a time and in order, however many there are', async () => {
    const output = new PassThrough({ highWaterMark: 1 });
    const transport = new ListeningTransport(new PassThrough(), output);
    await transport.start();
    const sent = Promise.all(
      Array.from({ length: 500 }, (_, id) => transport.send({ jsonrpc: '2.0', id, result: {} })),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(output.listenerCount('drain')).toBe(1);
    let text = '';
    output.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await sent;
    const lines = text.split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(Array.from({ length: 500 }, (_, id) => id));
  });

  it('tells what a listen request was granted, and when it ended', async () => {
    const { onlisten, listen, cancel, acknowledge } = await aTransport();
    await listen(1);
    expect(onlisten).not.toHaveBeenCalled();
    await acknowledge(1);
    expect(onlisten).toHaveBeenLastCalledWith(1, [URI]);
    await cancel(1);
    expect(onlisten).toHaveBeenLastCalledWith(1, []);
  });

  it('listens to nothing for a request that was refused, or cancelled before the answer', async () => {
    const { transport, onlisten, listen, cancel, acknowledge } = await aTransport();
    await listen(1);
    await cancel(1);
    await acknowledge(1);
    expect(onlisten).not.toHaveBeenCalled();
    await listen(2);
    await transport.send({ jsonrpc: '2.0', id: 2, error: { code: -32603, message: 'Subscription limit reached' } });
    await cancel(2);
    expect(onlisten).toHaveBeenCalledExactlyOnceWith(2, []);
  });
});
