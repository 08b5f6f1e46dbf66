import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialectFor } from '../../../src/domain/dialects/index.ts';
import { readAgent } from '../../../src/domain/dialects/mapping/body.ts';
import { originOf } from '../../../src/domain/dialects/mapping/origin.ts';
import { holdsKey, withoutSecrets } from '../../../src/domain/dialects/mapping/secrets.ts';
import { writeAgent } from '../../../src/domain/dialects/mapping/writing.ts';
import { cases, PATIENCE } from '../../support/property.ts';
import { anAgent } from './bodies.ts';
import { CONVERRA_EXAMPLE } from './seeds.ts';

const KEYS = [
  'sk-proj-abcDEF0123456789abcDEF',
  'sk-ant-api03-AbCdEf0123456789-AbCdEf0123456789',
  `AIza${'Sy0'.repeat(12)}`,
  'ghp_0123456789abcdefABCDEF0123456789abcd',
  'xoxb-1234567890-abcdefghij',
  'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  'AKIAIOSFODNN7EXAMPLE',
  'cs_01k9zq3abc_9f8e7d6c5b4a39281706',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl',
  'Bearer 0f9e8d7c6b5a49382716',
  'Token 3f6b1c0a-77aa-4d2e-9a53-1c5e2f0a9b11',
  'https://user:pass1word@api.example.com/v1',
  'https://hooks.slack.com/services/T000/B000/XXXXXXXX',
  'https://api.example.com/v1?api_key=abc123',
  '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----',
];

describe('a key', () => {
  it.each(KEYS)('is taken out of any text: %s', (key) => {
    expect(holdsKey(`Call it with ${key} please`)).toBe(true);
    const { value, removed } = withoutSecrets({ a: [{ b: `with ${key}!` }] });
    expect(JSON.stringify(value)).not.toContain(JSON.stringify(key).slice(1, -1));
    expect(removed).toEqual([{ path: 'a[0].b', why: expect.stringContaining('looks like a key') }]);
  });

  it('goes with its field where the field is called like one', () => {
    const tools = [
      { url: 'https://x.example', headers: { Authorization: 'abc', 'X-Api-Key': 'def', Accept: 'json' } },
      {
        headers: [
          { name: 'authorization', value: 'ghi' },
          { name: 'accept', value: 'json' },
        ],
      },
    ];
    const { value, removed } = withoutSecrets({ tools, clientSecret: 'jkl', password: 'mno', access_token: 'pqr' });
    expect(value).toEqual({
      tools: [
        { url: 'https://x.example', headers: { Accept: 'json' } },
        { headers: [{ name: 'authorization' }, { name: 'accept', value: 'json' }] },
      ],
    });
    expect(removed.map(({ path }) => path)).toEqual([
      'tools[0].headers.Authorization',
      'tools[0].headers.X-Api-Key',
      'tools[1].headers[0].value',
      'clientSecret',
      'password',
      'access_token',
    ]);
  });

  it('goes with the whole URL that holds it: without it, that would be another URL', () => {
    const { value, removed } = withoutSecrets({
      hook: 'https://x.example/h?token=abc1',
      text: 'see https://x.example/h?token=abc1',
    });
    expect(value).toEqual({ text: 'see https://x.example/h[a key was here]' });
    expect(removed.map(({ path }) => path)).toEqual(['hook', 'text']);
  });

  it('is not what only looks near: names of variables, templates, settings, plain words', () => {
    const plain = {
      api_key_env: 'OPENAI_API_KEY',
      secret_env: 'COUNTERSIGN_HOOK_SECRET',
      token: '{{ token }}',
      password: '${PASSWORD}',
      secret: '',
      max_tokens: 500,
      hasToken: true,
      token_schema: { token: { type: 'string' } },
      signature: 'Best, Sam',
      text: 'Basic understanding of token authentication; sk-learn-is-a-library-for-models; https://x.example/a?page=2',
    };
    expect(withoutSecrets(plain)).toEqual({ value: plain, removed: [] });
  });

  it('takes no long time to look for, whatever the text', () => {
    const long = ['sk-', 'a.', 'Bearer a ', '-----BEGIN A', '?a-', 'eyJ', 'https://a:'].map((part) =>
      part.repeat(40_000),
    );
    for (const text of long) expect(withoutSecrets({ text }).removed.length).toBeLessThanOrEqual(1);
  });
});

describe('an import that holds keys', () => {
  const body = {
    ...CONVERRA_EXAMPLE,
    content: `Use ${KEYS[0]} to look things up.`,
    tools: [{ name: 'lookup', headers: { Authorization: 'Bearer 0f9e8d7c6b5a49382716' } }],
  };
  const reading = readAgent(dialectFor('converra'), body, 'document', { hasIdentity: () => false });

  it('keeps none of them among what it keeps, and names each', () => {
    expect(reading.kept).toEqual({ tools: [{ name: 'lookup', headers: {} }] });
    expect(reading.not_carried).toEqual([{ path: 'tools[0].headers.Authorization', why: expect.any(String) }]);
  });

  it('warns of one in the prompt, and an export leaves it out', () => {
    expect(reading.warnings).toEqual([expect.stringContaining('looks like a key')]);
    const agent = anAgent(reading.fields, { origin: originOf(dialectFor('converra'), reading) });
    const { payload, not_carried } = writeAgent(dialectFor('converra'), agent);
    expect(JSON.stringify(payload)).not.toContain('0123456789');
    expect(payload.content).toBe('Use [a key was here] to look things up.');
    expect(not_carried).toContainEqual({ path: 'content', why: expect.any(String) });
  });
});

describe('whatever a body holds', () => {
  it('no key of it is ever written', { timeout: PATIENCE }, () => {
    const holding = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(...KEYS),
        fc.string(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('headers', 'a', 'x', 'authorization', 'value', 'name'), tie('value'), {
          maxKeys: 3,
        }),
      ),
    })).value;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('tools', 'extra', 'hooks'), holding), (extra) => {
        const body = { ...CONVERRA_EXAMPLE, ...extra };
        const reading = readAgent(dialectFor('converra'), body, 'document', { hasIdentity: () => false });
        const agent = anAgent(reading.fields, { origin: originOf(dialectFor('converra'), reading) });
        const written = JSON.stringify(writeAgent(dialectFor('converra'), agent).payload);
        for (const key of KEYS) expect(written).not.toContain(JSON.stringify(key).slice(1, -1));
      }),
      cases(200),
    );
  });
});
