import { describe, expect, it } from 'vitest';
import type { Passkey } from '../../src/domain/decisions/passkey.ts';
import { flawOfSignature } from '../../src/domain/decisions/signed-proof.ts';
import {
  challengeIn,
  creationOptions,
  readAssertion,
  readCreation,
  requestOptions,
} from '../../src/passkeys/webauthn.ts';
import { type Algorithm, aNonce, SITE, type SoftPasskey, softPasskey } from '../support/authenticator.ts';

const person = { handle: Buffer.alloc(32, 7).toString('base64url'), name: 'Sanne' };

async function enrolled(soft: SoftPasskey): Promise<Passkey> {
  const options = await creationOptions({ ...SITE, person, challenge: aNonce(), passkeys: [] });
  const credential = await readCreation(soft.create(options), { ...SITE, challenge: options.challenge });
  return { ...credential, person: 'owner', name: 'Laptop', how: 'ticket', added_at: '2026-11-30T03:00:00.000Z' };
}

function statement(decision = 'approve') {
  return { decision, digests: ['digest-of-a-row'], nonce: aNonce() };
}

describe('a passkey', () => {
  it.each<Algorithm>(['ES256', 'RS256', 'EdDSA'])('that signs by %s is enrolled, asked and read', async (algorithm) => {
    const soft = softPasskey(algorithm);
    const passkey = await enrolled(soft);
    expect(passkey).toMatchObject({ id: soft.id, public_key: soft.publicKey, transports: ['internal'] });
    const said = statement();
    const options = await requestOptions(SITE, said, [passkey]);
    expect(options).toMatchObject({ userVerification: 'required', rpId: 'localhost' });
    expect(options.allowCredentials?.map(({ id }) => id)).toEqual([soft.id]);
    const answer = soft.get(options);
    expect(challengeIn(answer)).toBe(options.challenge);
    const proof = await readAssertion(answer, said, { ...SITE, passkeys: [passkey] });
    expect(proof).toMatchObject({ ...said, publicKey: soft.publicKey });
    expect(flawOfSignature(proof)).toBeUndefined();
  });

  it('is asked for with a verified person, and not made twice by one authenticator', async () => {
    const passkey = await enrolled(softPasskey());
    const options = await creationOptions({ ...SITE, person, challenge: aNonce(), passkeys: [passkey] });
    expect(options).toMatchObject({
      attestation: 'none',
      authenticatorSelection: { userVerification: 'required' },
      excludeCredentials: [{ id: passkey.id }],
      user: { id: person.handle, name: 'Sanne' },
    });
  });

  it.each([
    ['without a verified person', { flags: 0x41 }],
    ['from another origin', { origin: 'http://localhost:7879' }],
    ['for another site', { rpId: 'example.com' }],
    ['as an answer to something else', { type: 'webauthn.get' }],
  ])('is not enrolled %s', async (_, quirks) => {
    const challenge = aNonce();
    const answer = softPasskey().create({ challenge }, quirks);
    await expect(readCreation(answer, { ...SITE, challenge })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('is not enrolled by the answer to another challenge, nor with an attestation', async () => {
    const answer = softPasskey().create({ challenge: aNonce() });
    await expect(readCreation(answer, { ...SITE, challenge: aNonce() })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    const attested = Buffer.from(answer.response.attestationObject, 'base64url');
    attested.write('tpmx', attested.indexOf('none'));
    const response = { ...answer.response, attestationObject: attested.toString('base64url') };
    await expect(
      readCreation({ ...answer, response }, { ...SITE, challenge: challengeIn(answer) ?? '' }),
    ).rejects.toThrow('attestation');
  });

  it.each([
    ['without a verified person', { flags: 0x01 }],
    ['without anybody there', { flags: 0x04 }],
    ['from another origin', { origin: 'http://localhost:7879' }],
    ['for another site', { rpId: 'example.com' }],
    ['as an answer to something else', { type: 'webauthn.create' }],
  ])('does not sign %s', async (_, quirks) => {
    const soft = softPasskey();
    const passkeys = [await enrolled(soft)];
    const said = statement();
    const answer = soft.get(await requestOptions(SITE, said, passkeys), quirks);
    await expect(readAssertion(answer, said, { ...SITE, passkeys })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it('does not sign another decision, by another passkey, or counting back', async () => {
    const soft = softPasskey('ES256', { counts: true });
    const passkey = await enrolled(soft);
    const said = statement();
    const answer = soft.get(await requestOptions(SITE, said, [passkey]));
    const refused = { code: 'FORBIDDEN' };
    const other = { ...said, decision: 'reject' };
    await expect(readAssertion(answer, other, { ...SITE, passkeys: [passkey] })).rejects.toMatchObject(refused);
    await expect(readAssertion(answer, said, { ...SITE, passkeys: [] })).rejects.toMatchObject(refused);
    const further = { ...passkey, counter: 5 };
    await expect(readAssertion(answer, said, { ...SITE, passkeys: [further] })).rejects.toMatchObject(refused);
    const stranger = { ...(await enrolled(softPasskey())), id: soft.id };
    await expect(readAssertion(answer, said, { ...SITE, passkeys: [stranger] })).rejects.toMatchObject(refused);
  });

  it.each([[undefined], ['text'], [{ id: 'a' }], [{ id: 'a', type: 'public-key', response: { signature: '💥' } }]])(
    'is no %j',
    async (answer) => {
      expect(challengeIn(answer)).toBeUndefined();
      const refused = { code: 'VALIDATION_ERROR' };
      await expect(readAssertion(answer, statement(), { ...SITE, passkeys: [] })).rejects.toMatchObject(refused);
      await expect(readCreation(answer, { ...SITE, challenge: 'x' })).rejects.toMatchObject(refused);
    },
  );
});
