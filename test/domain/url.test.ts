import { describe, expect, it } from 'vitest';
import { isAllowedHost, isPrivateAddress, networkOf, urlProblem } from '../../src/domain/base/url.ts';

describe('a private address', () => {
  it.each([
    '0.0.0.0',
    '10.255.255.255',
    '100.64.0.0',
    '100.127.255.255',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.0',
    '172.31.255.255',
    '192.168.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    '::10.0.0.1',
    '64:ff9b::a00:1',
    '100::1',
    '2001::1',
    '2002:a00:1::',
    'fc00::1',
    'fdff::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    'not an address',
  ])('is %s', (address) => {
    expect(isPrivateAddress(address)).toBe(true);
  });

  it.each([
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '168.63.129.17',
    '172.15.255.255',
    '172.32.0.0',
    '192.169.0.0',
    '223.255.255.255',
    '::ffff:8.8.8.8',
    '2001:4860:4860::8888',
    '2606:4700::1111',
    '2a00:1450::1',
  ])('isn’t %s', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});

describe('an allowed host', () => {
  it.each([
    ['http://127.0.0.1:8080/x', '127.0.0.1', true],
    ['http://127.0.0.1:8080/x', '127.0.0.1:8080', true],
    ['http://127.0.0.1:8080/x', '127.0.0.1:8081', false],
    ['http://2130706433:8080/', '127.0.0.1:8080', true],
    ['https://hooks.local/', 'hooks.local:443', true],
    ['http://hooks.local/', 'hooks.local:443', false],
    ['http://hooks.local./', 'Hooks.Local', true],
    ['http://[::1]:3000/', '::1', true],
    ['http://[::1]:3000/', '[::1]:3000', true],
    ['http://[::1]:3000/', '[::1]', true],
    ['http://[::1]:3000/', '[::1]:3001', false],
    ['http://a.hooks.local/', 'hooks.local', false],
    ['http://127.0.0.1.evil.example/', '127.0.0.1', false],
  ])('%s with %s: %s', (url, entry, allowed) => {
    expect(isAllowedHost(new URL(url), [entry])).toBe(allowed);
  });
});

it('a URL that may not be requested is refused with the reason', () => {
  expect(urlProblem('https://hooks.example.com/x', [])).toBeUndefined();
  expect(urlProblem('http://127.0.0.1:1', ['127.0.0.1:1'])).toBeUndefined();
  expect(urlProblem('ftp://127.0.0.1', ['127.0.0.1'])).toContain('https:');
  expect(urlProblem('https://u:p@hooks.example.com', [])).toContain('password');
  expect(urlProblem('https://printer', [])).toContain('COUNTERSIGN_ALLOW_HOSTS');
});

describe('the network of an address, by which limits count', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2::7', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2:ffff:0:0:1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
    ['', ''],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
