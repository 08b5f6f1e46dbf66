import { describe, expect, it } from 'vitest';
import { refusesAddress } from '../../src/net/smtp-refusal.ts';

function isRefused(response: string, command = 'RCPT TO'): boolean {
  const [, code, enhanced] = /^(\d{3}) (\d\.\d{1,3}\.\d{1,3})?/.exec(response) ?? [];
  const problem = { status: Number(code), command, code: 'EENVELOPE', words: response, reply: response };
  return refusesAddress(enhanced === undefined ? problem : { ...problem, enhanced });
}

describe('a reply to the recipient', () => {
  it.each([
    '550 5.1.1 User unknown',
    '550 5.1.1 <relay@x.example>: Recipient address rejected: User unknown in relay recipient table',
    '550 5.1.10 Recipient not found',
    '550 5.2.1 The account is disabled',
    '550 No such user here',
    '550 <sender.authentication@x.example>: mailbox unavailable',
    '553 Mailbox name not allowed',
    '550 User not listed in the directory',
    '550 5.1.0 Address rejected',
  ])('refuses the address for good: %s', (response) => {
    expect(isRefused(response)).toBe(true);
    expect(isRefused(response, 'MAIL FROM')).toBe(false);
  });

  it.each([
    '550 5.1.8 Sender domain does not exist',
    '550 5.1.7 Invalid address of the sender',
    '550 5.7.1 Message rejected',
    '550 5.7 Message rejected',
    '554 Blocked using zen.spamhaus.org',
    '554 5.0.0 Your IP is listed by a blocklist',
    '550 relay denied',
    '550 <a@x.example>: Relaying denied',
    '554 Relay access denied',
    '550 Sender verify failed',
    '550 Not permitted to send here',
    '550 Authentication required',
    '501 Syntax error',
    '503 Bad sequence of commands',
    '530 5.5.1 Log in first',
    '450 4.2.0 Greylisted',
  ])('says nothing for good of the address: %s', (response) => {
    expect(isRefused(response)).toBe(false);
  });
});
