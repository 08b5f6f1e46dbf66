import { describe, expect, it } from 'vitest';
import { AppError } from '../../../src/domain/base/errors.ts';
import { writeOwn } from '../../../src/domain/dialects/countersign.ts';
import { recognised, withinAnswer } from '../../../src/domain/dialects/recognise.ts';
import { anAgent } from './bodies.ts';
import {
  CONVERRA_ANSWER,
  CONVERRA_EXAMPLE,
  MAKE_BODY,
  PATHBOUND_EXAMPLE,
  TALKIFAI_ANSWER,
  TALKIFAI_PIPELINE,
  TALKIFAI_REALTIME,
  TALKIFAI_TEXT,
} from './seeds.ts';

const { teamId: _team, makeConnectionId: _connection, ...makeAnswer } = MAKE_BODY;
const own = anAgent({ name: 'Ours', playbook: { playbook_md: 'x' } });

describe('a payload without a named format', () => {
  it.each([
    ['pathbound', PATHBOUND_EXAMPLE],
    ['pathbound', { name: 'Bare', enabled: true }],
    ['pathbound', { _id: 'ag_123', name: 'As answered', playbook: { playbook_md: 'x' }, status: 'active' }],
    ['converra', CONVERRA_EXAMPLE],
    ['converra', CONVERRA_ANSWER],
    ['converra', { ...CONVERRA_EXAMPLE, mode: 'private' }],
    ['talkifai', TALKIFAI_PIPELINE],
    ['talkifai', TALKIFAI_REALTIME],
    ['talkifai', TALKIFAI_TEXT],
    ['talkifai', TALKIFAI_ANSWER.data],
    ['make', MAKE_BODY],
    ['make', { id: 'a64d23ed-2580-43e4-a898-e97193d7fd5e', createdAt: '2026-01-01T00:00:00Z', ...makeAnswer }],
    ['countersign', writeOwn(own, [own]).payload],
  ] as const)('is known as %s by its fields: %#', (format, body) => {
    expect(recognised({ ...body })).toBe(format);
  });

  it.each([
    ['a name alone', { name: 'x' }, ['pathbound']],
    ['a prompt without more', { name: 'x', systemPrompt: 'y' }, ['make', 'talkifai']],
    [
      'two whole bodies at once',
      { ...CONVERRA_EXAMPLE, systemPrompt: 'x', defaultModel: 'gpt-4o' },
      ['make', 'converra'],
    ],
    ['nothing of an agent', { colour: 'red' }, []],
    ['an empty object', {}, []],
    ['fields that objects inherit', { constructor: 1, toString: 2 }, []],
  ])('asks for the format, and says which are possible: %s', (_what, body, possible) => {
    let error: unknown;
    try {
      recognised({ ...body });
    } catch (thrown) {
      error = thrown;
    }
    if (!(error instanceof AppError)) throw new Error('it was recognised');
    expect(error.details).toEqual({ format: 'not told by the body', possible });
    expect(error.message).toContain('format countersign, pathbound, make, converra, talkifai');
  });
});

describe('an answer of an API', () => {
  it('is opened: the agent within is the payload', () => {
    expect(withinAnswer({ status: 'success', agent: PATHBOUND_EXAMPLE })).toBe(PATHBOUND_EXAMPLE);
    expect(withinAnswer(TALKIFAI_ANSWER)).toBe(TALKIFAI_ANSWER.data);
    expect(withinAnswer(CONVERRA_ANSWER)).toBe(CONVERRA_ANSWER);
  });

  it('is refused where it is a list', () => {
    expect(() => withinAnswer({ data: [CONVERRA_ANSWER], pagination: {} })).toThrow(/one of them at a time/);
    expect(() => withinAnswer({ status: 'success', agents: [] })).toThrow(/one of them at a time/);
  });
});
