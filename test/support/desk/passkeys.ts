import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { OpenedPage } from './browser.ts';

/**
 * Gives a page's browser an authenticator that answers by itself, as the person's fingerprint would; where wanted, with a
 * passkey for localhost in it. `refuse` has it answer no more: the person cancels.
 */
export async function withAuthenticator({ page }: Pick<OpenedPage, 'page'>, holds?: 'has a passkey') {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true } as const;
  const verified = { hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...options, ...verified },
  });
  const id = randomBytes(16);
  if (holds) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
    const credential = {
      credentialId: id.toString('base64'),
      isResidentCredential: true,
      rpId: 'localhost',
      privateKey: key,
    };
    const user = { userHandle: Buffer.from('sam').toString('base64'), signCount: 0 };
    await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...credential, ...user } });
  }
  const refuse = () => cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  return { credential: id.toString('base64url'), refuse };
}
