import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withoutAddresses } from '../../src/net/without-addresses.ts';
import { cases } from '../support/property.ts';

it.each([
  ['connect ECONNREFUSED 10.1.2.3:443', 'connect ECONNREFUSED (address)'],
  ['connect ECONNREFUSED fd00::12:443', 'connect ECONNREFUSED (address)'],
  [
    'connect EHOSTUNREACH 10.1.2.3:80 - Local (192.168.7.9:50122)',
    'connect EHOSTUNREACH (address) - Local ((address))',
  ],
  [
    'Connect Timeout Error (attempted addresses: 10.1.2.3:80, [fd00::1]:80, timeout: 10000ms)',
    'Connect Timeout Error (attempted addresses: (address), (address), timeout: 10000ms)',
  ],
  ['connect ETIMEDOUT fe80::1%eth0:25', 'connect ETIMEDOUT (address)'],
])('takes the addresses out of %s', (text, told) => {
  expect(withoutAddresses(text, 'printer.example')).toBe(told);
});

it.each([
  ['connect ECONNREFUSED 127.0.0.1:443', '127.0.0.1'],
  ['connect ECONNREFUSED ::1:443', '[::1]'],
  ['getaddrinfo ENOTFOUND a.example', 'a.example'],
  ['read ECONNRESET at 12:30:45, version 1.2.3', 'a.example'],
])('leaves %s as it is for %s', (text, host) => {
  expect(withoutAddresses(text, host)).toBe(text);
});

it('leaves no address of either family, in whichever words', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV6(), fc.integer({ min: 1, max: 65535 }), (v4, v6, port) => {
      const told = withoutAddresses(
        `connect E ${v4}:${port}, ${v4}, [${v6}]:${port}, ${v6} (${v6}:${port})`,
        'a.example',
      );
      expect(told.replaceAll('(address)', '')).not.toMatch(/[0-9]/);
    }),
    cases(100),
  );
});
