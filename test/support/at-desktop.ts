import { type FakeBrowser, fakeBrowser } from './fake-browser.ts';
import { EMAIL, waits } from './person.ts';
import { type Connection, startServer, temporaryHome } from './server.ts';

/** A server of a person who sits at a desktop, and the browser that they have. */
export async function atDesktop({
  env = {},
  browser = fakeBrowser(),
  home = temporaryHome(),
}: {
  env?: Record<string, string>;
  browser?: FakeBrowser;
  home?: string;
} = {}) {
  const server = await startServer({ home, env: { ...browser.env, ...env } });
  if (env.COUNTERSIGN_READ_ONLY === undefined) await people(server);
  return { server, browser, home };
}

export async function people(server: Connection) {
  const contacts = ['p', 'q'].map((id) => ({ id, email: `${id}at@example.com`, firstname: `${id}at` }));
  await server.call('import_contacts', { contacts });
}

/** An email that an assistant drafted, and what came of approving it by a plain call. */
export async function refused({ server }: { server: Connection }, contact = 'p') {
  const { at, run_id } = await waits(server, EMAIL, {}, 'assistant', [contact]);
  const refusal = await server.refusal('approve_action', await server.shown(at));
  return { at, run_id, refusal };
}
