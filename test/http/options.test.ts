import { describe, expect, it } from 'vitest';
import { checkHost } from '../../src/http/guards.ts';
import { isOpenToOthers, linkOf, serveOptionsOf, siteOf } from '../../src/http/options.ts';

const PORT = 7878;

/** Whether a server that was started so answers a request with this `Host`. */
function answers(args: readonly string[], host: string): boolean {
  return checkHost({ rawHeaders: ['Host', host], url: '/' }, siteOf(serveOptionsOf(args), PORT)) === undefined;
}

describe('the options of countersign serve', () => {
  it.each(['1e3', '0x50', '+80', '-1', ' 80', '80 ', '8_0', '65536', '99999', '000080', '', '80.0', '٨٠'])(
    'take no port %j',
    (word) => expect(() => serveOptionsOf([`--port=${word}`])).toThrow('a number from 0 to 65535'),
  );

  it.each([
    ['0', 0],
    ['80', 80],
    ['65535', 65_535],
  ])('take the port %s', (word, port) => expect(serveOptionsOf(['--port', word]).port).toBe(port));

  it.each(['localhost', '127.0.0.1', '::ffff:127.0.0.1', '::FFFF:7F00:1', '0:0:0:0:0:ffff:127.0.0.1'])(
    'take the host %s for this machine alone, under each of its names',
    (host) => {
      const options = serveOptionsOf(['--host', host]);
      expect([options.host, isOpenToOthers(options), linkOf(options, PORT)]).toEqual([
        undefined,
        false,
        `http://localhost:${PORT}`,
      ]);
      for (const name of ['localhost', 'LocalHost', '127.0.0.1', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]'])
        expect([name, answers(['--host', host], `${name}:${PORT}`)]).toEqual([name, true]);
    },
  );

  it('take an address in any spelling for the same one', () => {
    expect(isOpenToOthers(serveOptionsOf(['--host', '0:0:0:0:0:0:0:1']))).toBe(false);
    expect(isOpenToOthers(serveOptionsOf(['--host', '::ffff:0.0.0.0']))).toBe(true);
    expect(linkOf(serveOptionsOf(['--host', '0:0::0']), PORT)).toBe(`http://localhost:${PORT}`);
    for (const host of ['[2001:db8::1]', '[2001:DB8:0:0:0:0:0:1]', '[2001:db8::0.0.0.1]'])
      expect([host, answers(['--host', '2001:0db8::0001'], `${host}:${PORT}`)]).toEqual([host, true]);
    expect(answers(['--public-url', 'http://[::ffff:192.0.2.1]:99'], '[::ffff:c000:201]:99')).toBe(true);
  });

  it('leave the zone of a link-local address out of its name', () => {
    expect(linkOf(serveOptionsOf(['--host', 'fe80::1%eth0']), PORT)).toBe(`http://[fe80::1]:${PORT}`);
    expect(answers(['--host', 'fe80::1%eth0'], `[fe80::1]:${PORT}`)).toBe(true);
  });

  it.each(['[127.0.0.1]', '[::1', '::1', '[[::1]]', '[::1%lo]', '0x7f.1', '2130706433', '127.1', '[::ffff:127.0.0.2]'])(
    'answer to no host %s',
    (host) => expect(answers([], `${host}:${PORT}`)).toBe(false),
  );
});
