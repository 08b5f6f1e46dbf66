import { describe, expect, it } from 'vitest';
import {
  isOutreach,
  leaveToken,
  pageProblem,
  tokenIn,
  wayOutHeaders,
  wayOutInWords,
} from '../../../src/domain/mail/way-out.ts';

const SECRET = Buffer.alloc(32, 1);
const SENT = { message: 'ab'.repeat(16), address: 'ådne@bücher.example' };

describe('the token of a way out', () => {
  it('tells its own home which email it is about, and whose address, wherever it stands in a text', () => {
    const token = leaveToken(SECRET, SENT);
    expect(tokenIn(SECRET, `Re: unsubscribe ${token}, please`)).toEqual(SENT);
    expect(tokenIn(SECRET, `${'x'.repeat(90)} ${token}`)).toEqual(SENT);
    expect(leaveToken(SECRET, SENT)).toBe(token);
    expect(token).toMatch(/^[\w-]+$/);
  });

  it('tells nobody else anything: another home, and whoever changes it', () => {
    const token = leaveToken(SECRET, SENT);
    expect(tokenIn(Buffer.alloc(32, 2), token)).toBeUndefined();
    const turned = token.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A'));
    expect(tokenIn(SECRET, token.slice(1))).toBeUndefined();
    expect(tokenIn(SECRET, `x${turned.slice(1)}`)).toBeUndefined();
    expect(tokenIn(SECRET, 'unsubscribe')).toBeUndefined();
    const plain = Buffer.from(token, 'base64url').toString('latin1');
    expect(plain).not.toContain('example');
  });
});

describe('the headers of a way out', () => {
  const address = 'ada+1@example.com';
  const headers = (sender: object) => wayOutHeaders(sender, { address, token: 'TOKEN' });

  it.each([
    [{}, {}],
    [
      { unsubscribe_mailto: 'leave@acme.example' },
      { 'List-Unsubscribe': '<mailto:leave@acme.example?subject=unsubscribe%20TOKEN>' },
    ],
    [
      { unsubscribe_url: 'https://acme.example/u?e={email}' },
      {
        'List-Unsubscribe': '<https://acme.example/u?e=ada%2B1%40example.com>',
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
    ],
    [
      { unsubscribe_url: 'https://acme.example/u', unsubscribe_mailto: 'ø@acme.example' },
      {
        'List-Unsubscribe': '<https://acme.example/u>, <mailto:%C3%B8@acme.example?subject=unsubscribe%20TOKEN>',
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      },
    ],
  ])('of %j are RFC 2369’s and RFC 8058’s', (sender, expected) => {
    expect(headers(sender)).toEqual(expected);
  });

  it('are told to the person in words', () => {
    const sender = { unsubscribe_url: 'https://acme.example/u?e={email}', unsubscribe_mailto: 'leave@acme.example' };
    expect(wayOutInWords(sender, address)).toBe(
      'https://acme.example/u?e=ada%2B1%40example.com (one click), or an email to leave@acme.example',
    );
    expect(wayOutInWords({}, address)).toBeUndefined();
  });

  it.each([
    ['https://acme.example/u?e={email}', undefined],
    ['http://acme.example/u', 'https:'],
    ['https://{email}.acme.example/', 'host'],
    ['acme.example/u', 'not a URL'],
  ])('take the page %s or say what is wrong with it', (url, problem) => {
    if (problem === undefined) expect(pageProblem(url)).toBeUndefined();
    else expect(pageProblem(url)).toContain(problem);
  });

  it('belong to outreach, and to no answer', () => {
    expect(isOutreach({ subject: 'Hi' })).toBe(true);
    expect(isOutreach({ subject: 'Re: Hi', in_reply_to: '<1@example.com>' })).toBe(false);
  });
});
