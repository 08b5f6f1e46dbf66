import { describe, expect, it } from 'vitest';
import { markOf, readSentId, sentId } from '../../../src/domain/mail/sent-id.ts';

describe('the Message-ID of an email of ours', () => {
  it('tells the run and the action to whoever has the action’s key, and is the same each time', () => {
    const name = { run_id: 'run_01abc', mark: markOf('run_01abc/0/ct_1') };
    const id = sentId(name, 'acme.example');
    expect(id).toBe(sentId(name, 'acme.example'));
    expect(readSentId(id)).toEqual(name);
    expect(markOf('run_01abc/1/ct_1')).not.toBe(name.mark);
  });

  it.each(['<a@b.example>', '<0123456789abcdef@b.example>', 'run_1', '<x.run_1@b.example>', ''])(
    'is no other one: %s',
    (id) => expect(readSentId(id)).toBeUndefined(),
  );
});
