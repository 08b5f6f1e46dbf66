import { describe, expect, it } from 'vitest';
import { hidingSecrets } from '../../src/net/tools/secrets.ts';

describe('the words of a server', () => {
  it('lose what the environment and the arguments of its command hold', () => {
    const hide = hidingSecrets(
      {
        command: 'node',
        args: ['crm.js', '--api-key', 'arg-s3cret', '--token=other-s3cret', '--port', '8080-8090'],
        env: { CRM_KEY: 'env-s3cret', CRM_KEY_LONG: 'env-s3cret-and-more', MODE: 'on' },
      },
      {},
    );
    expect(hide('env-s3cret-and-more, env-s3cret, arg-s3cret, other-s3cret, 8080-8090, on')).toBe(
      '[CRM_KEY_LONG], [CRM_KEY], [--api-key], [--token], 8080-8090, on',
    );
  });

  it('lose what its headers stand for, with and without their scheme, and what its URL carries', () => {
    const headers = { Authorization: 'Bearer ${CRM_TOKEN}', 'X-Unset': '${NOTHING}' };
    const hide = hidingSecrets(
      { url: 'https://crm.example/mcp?key=url-s3cret', transport: 'http', headers },
      { CRM_TOKEN: 'tok-s3cret' },
    );
    expect(hide('no such token: tok-s3cret (Bearer tok-s3cret) at /mcp?key=url-s3cret')).toBe(
      'no such token: [headers.Authorization] ([headers.Authorization]) at /mcp?key=[key]',
    );
  });
});
