import { describe, expect, it } from 'vitest';
import { SAYING, THREAD, talking, UUID } from '../support/make-talk.ts';

type Frame = { event: string; id?: string; data: ReturnType<typeof JSON.parse> };

/** The frames of a stream, by the form that Make's documentation shows: no space after the colons. */
function framesOf(text: string): Frame[] {
  return text
    .split('\n\n')
    .filter((part) => part !== '')
    .map((part) => {
      const [, event = '', id, data = ''] = /^event:(step|error)\n(?:id:(\S+)\n)?data:(\{.*\})$/.exec(part) ?? [];
      return { event, ...(id === undefined ? {} : { id }), data: JSON.parse(data) };
    });
}

describe("a streamed run of Make's", () => {
  it('gives the system prompt, each message of the run, and the whole answer, each in a frame of its own', async () => {
    const { streamed, on } = await talking({
      reply: ({ n }) =>
        n === 0 ? { text: '', calls: [{ name: 'find_contacts', input: {} }] } : { text: 'Nobody yet.' },
    });
    const response = await streamed({ ...SAYING, threadId: THREAD });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const frames = framesOf(await response.text());
    expect(frames.map(({ event, data }) => [event, data.role])).toEqual([
      ['step', 'system'],
      ['step', 'user'],
      ['step', 'assistant'],
      ['step', 'tool'],
      ['step', 'assistant'],
    ]);
    expect(frames[0]?.data.content).toContain('do what user says');
    expect(frames[1]?.data.content).toBe('What is open?');
    expect(frames[4]?.data.content).toBe('Nobody yet.');
    for (const { id, data } of frames) {
      expect(id).toMatch(UUID);
      expect(data).toEqual({
        role: expect.any(String),
        content: expect.any(String),
        id: expect.stringMatching(UUID),
        agentIterationId: frames[0]?.data.agentIterationId,
      });
    }
    const { thread } = await on.call('get_thread', { thread_id: THREAD });
    expect(thread.messages).toHaveLength(4);
  });

  it('comes frame by frame, before the answer is there', async () => {
    let answer: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const { streamed } = await talking({ hold: () => held, reply: () => ({ text: 'Late.' }) });
    const reader = (await streamed()).body?.getReader();
    let text = '';
    while (!text.includes('"role":"user"')) text += new TextDecoder().decode((await reader?.read())?.value);
    expect(text).not.toContain('Late.');
    answer();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
      text += new TextDecoder().decode(part.value);
    expect(framesOf(text).at(-1)?.data).toMatchObject({ role: 'assistant', content: 'Late.' });
  });

  it('ends with an error event where the model fails', async () => {
    const { streamed } = await talking({ reply: () => ({ status: 400 }) });
    const response = await streamed();
    expect(response.status).toBe(200);
    const frames = framesOf(await response.text());
    expect(frames.map(({ event }) => event)).toEqual(['step', 'step', 'error']);
    expect(frames[2]?.data).toMatchObject({ code: 'SC502', message: expect.any(String), detail: expect.any(String) });
  });

  it('is one of 64 at most that a token has open', async () => {
    const { streamed } = await talking({ reply: () => ({ misbehave: 'hang' }) });
    const client = new AbortController();
    const open = await Promise.all(Array.from({ length: 64 }, () => streamed(SAYING, client.signal)));
    expect(open.map(({ status }) => status)).toEqual(open.map(() => 200));
    const more = await streamed();
    expect(more.status).toBe(429);
    expect(more.headers.get('retry-after')).toBe('5');
    expect(await more.json()).toMatchObject({ code: 'SC429' });
    client.abort();
    await expect
      .poll(async () => {
        const again = new AbortController();
        const { status } = await streamed(SAYING, again.signal);
        again.abort();
        return status;
      })
      .toBe(200);
  });

  it.each(['stream', 'answer'] as const)('stops the model where the client of a %s goes', async (kind) => {
    const { model, streamed, on, id } = await talking({ reply: () => ({ misbehave: 'hang' }) });
    const client = new AbortController();
    const path = `/make/ai-agents/v1/agents/${id}/run?teamId=1`;
    const asked =
      kind === 'stream'
        ? streamed(SAYING, client.signal).then((response) => response.text())
        : on.open('POST', path, { token: on.token(), scheme: 'Token', body: SAYING, signal: client.signal });
    const gone = expect(asked).rejects.toThrow();
    await expect.poll(() => model.asked.length).toBe(1);
    client.abort();
    await gone;
    await expect.poll(() => model.abandoned()).toBe(1);
  });
});
