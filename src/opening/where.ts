import { isThisMachine } from '../domain/base/url.ts';
import { type HomeServer, namedServer } from '../files/serve-file.ts';
import { isServing } from '../http/start.ts';

/** The link by which a server's desk is opened here: never one that would carry a ticket unencrypted through a network. */
function linkFor({ url, local = url }: HomeServer): string {
  const at = new URL(url);
  return at.protocol === 'https:' || isThisMachine(at) ? url : local;
}

/** The process that serves a home whole, where one does. */
export async function servedHome(home: string): Promise<HomeServer | undefined> {
  const server = namedServer(home);
  return server && (await isServing(server)) ? server : undefined;
}

/** Where the desk of a home is served now: by `serve`, else by a process that serves the desk alone. */
export async function deskNow(home: string): Promise<string | undefined> {
  const served = await servedHome(home);
  if (served) return linkFor(served);
  const alone = namedServer(home, 'desk.json');
  return alone && (await isServing(alone)) ? alone.url : undefined;
}
