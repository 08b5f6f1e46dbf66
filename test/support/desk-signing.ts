import { expect } from 'vitest';
import { type Quirks, type SoftPasskey, softPasskey } from './authenticator.ts';
import { type DeskScene, deskScene, type sent } from './desk-scene.ts';
import type { DeskPage } from './desk-server.ts';

/** Makes a person's first passkey as the page does. */
export async function enrolOnPage(on: DeskScene, page: DeskPage, { demand_signed = false } = {}): Promise<SoftPasskey> {
  const soft = softPasskey();
  const { json } = await page.post('/desk/passkeys/options', { name: 'My key' });
  const response = soft.create(json, { origin: on.url });
  const added = await page.post('/desk/passkeys', { name: 'My key', response, demand_signed });
  expect([added.status, added.json]).toMatchObject([200, { passkeys: [{ name: 'My key', by_button: true }] }]);
  return soft;
}

/** What waits, a page that was shown it, and a passkey of whoever looks at it. */
export async function signingPage(more: { demand_signed?: boolean; people?: string[] } = {}) {
  const on = await deskScene();
  await on.propose(more.people ?? ['ann', 'ben']);
  const page = await on.open();
  const soft = await enrolOnPage(on, page, more);
  const rows = await on.rows(page);
  const asked = ({ nonce: _nonce, ...row }: ReturnType<typeof sent> & { params?: object }) => row;
  const prompt = (decision: string, list: readonly (ReturnType<typeof sent> & { params?: object })[]) =>
    page.post('/desk/prompt', { decision, rows: list.map(asked) });
  const answer = (challenge: string, quirks: Quirks = {}) => soft.get({ challenge }, { origin: on.url, ...quirks });
  return { on, page, soft, rows, prompt, answer };
}
