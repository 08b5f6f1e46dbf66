import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { callProblem, fateOf } from '../../src/net/tools/fate.ts';

function anError(name: string, facts: object = {}, message = 'it went wrong'): Error {
  return Object.assign(new Error(message), { name, ...facts });
}
const refused = anError('TypeError', { cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }) });
const reset = anError('TypeError', { cause: Object.assign(new Error('read'), { code: 'ECONNRESET' }) });

const asItIs = (text: string) => text;

describe('a failed call', () => {
  it.each([
    ['no connection', refused, 'not_called'],
    ['a connection lost on the way', reset, 'unanswered'],
    ['a certificate that was refused', anError('TypeError', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), 'not_called'],
    ['a session that is gone', anError('SdkHttpError', { status: 404 }), 'not_called'],
    ['a gateway that gave up', anError('SdkHttpError', { status: 502 }), 'unanswered'],
    ['a post refused by the older transport', anError('Error', {}, 'Error POSTing (HTTP 400): no'), 'not_called'],
    ['no answer in time', anError('SdkError', { code: 'REQUEST_TIMEOUT' }), 'unanswered'],
    ['an end before the answer', anError('SdkError', { code: 'CONNECTION_CLOSED' }), 'unanswered'],
    ['an answer nobody can read', anError('SdkError', { code: 'INVALID_RESULT' }), 'unanswered'],
    ['a question for more', anError('SdkError', { code: 'UNSUPPORTED_RESULT_TYPE' }), 'refused'],
    ['an error for an answer', anError('ProtocolError', { code: -32602 }), 'refused'],
    ['nobody to write to', new AppError('PROVIDER_ERROR', 'it has ended'), 'not_called'],
    ['no connection at all', new Error('Not connected'), 'not_called'],
    ['anything else', 'a string was thrown', 'unanswered'],
  ])('by %s', (_, error, outcome) => {
    expect(fateOf(error, 1_000, asItIs).outcome).toBe(outcome);
  });

  it('shows the words of the server, cut, with hidden characters made visible', () => {
    const text = callProblem(anError('ProtocolError', {}, `bad\u202e ${'x'.repeat(900)}`), 1_000, asItIs);
    expect(text).toMatch(/^it answered with an error: bad⟨U\+202E⟩ x+…$/);
    expect(text.length).toBeLessThan(600);
  });
});
