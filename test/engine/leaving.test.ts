import { describe, expect, it } from 'vitest';
import { readMessage } from '../../src/domain/mail/read-message.ts';
import { replyText } from '../../src/domain/mail/reply-text.ts';
import { leaveToken } from '../../src/domain/mail/way-out.ts';
import { leaveIn, mayLeave, ownAddresses } from '../../src/engine/mail/own-addresses.ts';
import { inProcess } from '../support/in-process.ts';
import { RECEIVED, written } from '../support/mail-messages.ts';

const LEAVE = 'leave@acme.example';
const FACTS = { message: `${'a'.repeat(16)}.01hzzz`, address: 'ada@example.com' };

/** What messages say as an objection to a sender with these addresses, and whether their heads alone let them be read. */
async function aHome(identity: Record<string, unknown> = {}) {
  const { call, house } = inProcess();
  await call('save_identity', { name: 'Sam', email: 'sam@acme.example', unsubscribe_mailto: LEAVE, ...identity });
  const own = await house.read(ownAddresses);
  const secret = await house.store.secret();
  const said = async (text: string, headers: Record<string, string>) => {
    const message = await readMessage(written(text, headers), RECEIVED);
    const leave = leaveIn(message, replyText(message).text, own, secret);
    if (leave !== undefined) expect(mayLeave(message, own, secret)).toBe(true);
    return leave;
  };
  return { own, said, token: leaveToken(secret, FACTS) };
}

describe('an objection by List-Unsubscribe', () => {
  it('is known by its token, however its subject is written', async () => {
    const { said, token } = await aHome();
    // In this encoding an underscore is a space.
    const [first, second] = [token.slice(0, 40), token.slice(40)].map((half) => half.replaceAll('_', '=5F'));
    for (const subject of [
      `unsubscribe ${token}`,
      token,
      `Re: unsubscribe ${token}`,
      `unsubscribe\r\n ${token}`,
      `=?utf-8?q?unsubscribe_${first}?= =?utf-8?q?${second}?=`,
      `=?utf-8?b?${Buffer.from(`Abmelden: ${token}.`).toString('base64')}?=`,
    ])
      expect(await said('Hi', { Subject: subject, To: 'anybody@acme.example' }), subject).toEqual(FACTS);
  });

  it('may have its token in the text at its address alone, and not in what it quotes', async () => {
    const { said, token } = await aHome();
    const at = { To: `"Leave" <${LEAVE.toUpperCase()}>`, Subject: 'Bye' };
    expect(await said(`Please.\n\n${token}\n`, at)).toEqual(FACTS);
    expect(await said(`${token}\n`, { ...at, To: 'sam@acme.example' })).toBeUndefined();
    expect(await said(`Bye\n\n> ${token}\n`, at)).toBe('untold');
    expect(await said(`${'words '.repeat(10_000)}${token}`, at)).toBe('untold');
  });

  it('is none of a token that is changed, cut, or of another home', async () => {
    const { said, token } = await aHome();
    const other = await aHome();
    const flipped = `${token.slice(0, 30)}${token[30] === 'A' ? 'B' : 'A'}${token.slice(31)}`;
    for (const forged of [flipped, token.slice(0, -4), `${token}AAAA`, other.token, 'A'.repeat(400), '_-'.repeat(200)])
      expect(await said('Hi', { Subject: `unsubscribe ${forged}`, To: 'sam@acme.example' }), forged).toBeUndefined();
  });

  it.each([
    ['To', LEAVE],
    ['Cc', `Sam <sam@acme.example>, ${LEAVE}`],
    ['Delivered-To', LEAVE],
    ['X-Original-To', LEAVE],
    ['Envelope-To', LEAVE],
  ])('is whatever comes to its address by %s: %s', async (name, value) => {
    const { said } = await aHome();
    expect(await said('Hi', { To: 'sam@acme.example', [name]: value })).toBe('untold');
  });

  it('takes a token at an address that answers come to as well', async () => {
    for (const identity of [{ unsubscribe_mailto: 'sam@acme.example' }, { reply_to: LEAVE }]) {
      const { said, token, own } = await aHome(identity);
      const [address = ''] = own.waysOut;
      expect(await said('Hi', { To: address })).toBeUndefined();
      expect(await said(`Bye ${token}`, { To: address })).toEqual(FACTS);
    }
  });

  it('is nothing where no identity has such an address, but for a token', async () => {
    const { said, token } = await aHome({ unsubscribe_mailto: undefined });
    expect(await said(`Bye ${token}`, { To: LEAVE })).toBeUndefined();
    expect(await said('Bye', { To: LEAVE, Subject: token })).toEqual(FACTS);
  });
});

it('all addresses of all identities are their own, as they are compared', async () => {
  const { own } = await aHome({ reply_to: 'Answers@Acme.example', bcc: 'crm@b\u00fccher.example' });
  expect([...own.all].sort()).toEqual([
    'answers@acme.example',
    'crm@xn--bcher-kva.example',
    'leave@acme.example',
    'sam@acme.example',
  ]);
});
