import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clientAsSaid } from '../../src/domain/base/author.ts';
import { cases } from '../support/property.ts';

it.each(['claude-code 2.1.0', 'Visual Studio Code 1.106.2', 'codex-mcp-client 0.63.0', '@acme/agent 1'])(
  'a client is named by its name and version: %s',
  (said) => {
    const [, name = '', version = ''] = /^(.*) (\S+)$/.exec(said) ?? [];
    expect(clientAsSaid(name, version)).toBe(said);
  },
);

it.each([
  'countersign review',
  'Countersign  Review',
  'counter-sign review',
  'c0unters1gn review',
  'the terminal, countersign',
  'соuntersign review',
  'countersign\u200b review',
  'x) (countersign review',
  'says it is "claude',
  '',
])('a client that calls itself %j is told as said', (name) => {
  expect(clientAsSaid(name, '0.1.0')).toBe(`says it is ${JSON.stringify(`${name} 0.1.0`)}`);
});

it('no name and version, however they are put together, stand as the name of the terminal', () => {
  const part = fc.constantFrom('countersign', 'counter', 'sign', ' ', 'review', '0.1.0', '(', ')', '"', 'x', '\n');
  const text = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, text, (name, version) => {
      const told = clientAsSaid(name, version);
      expect(told.startsWith('says it is "') || !/countersign|[()"]/.test(told)).toBe(true);
    }),
    cases(100),
  );
});
