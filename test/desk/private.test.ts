import { describe, expect, it, onTestFinished } from 'vitest';
import { deskMounts } from '../../src/desk/index.ts';
import { makeToken } from '../../src/domain/access/token.ts';
import { type Role, SCOPES } from '../../src/domain/base/author.ts';
import { ticketFilesOf } from '../../src/files/ticket-files.ts';
import { tokenFilesOf } from '../../src/files/token-files.ts';
import { startServing } from '../../src/http/start.ts';
import { fromPage } from '../support/desk-server.ts';
import { aPrivateAgent, type Planted } from '../support/private-agent.ts';

type Asked = (path: string) => Promise<string>;

/** The desk over a home with a private agent of one member; opens it for somebody, and gives how they ask for a path. */
async function served({ team }: Planted) {
  const { house, home } = team;
  const settings = { home, logLevel: 'silent', toolsets: new Set<string>(), readOnly: false, env: {} };
  const options = { port: 0, host: undefined, publicUrl: undefined, trustsProxy: false };
  const { url, close } = await startServing({ options, settings, assemble: (parts) => deskMounts(parts, '') }, house);
  onTestFinished(() => close());
  return async (id: string, role: Role): Promise<Asked> => {
    const now = house.deps.now();
    const { token } = makeToken({ name: id, person: `p_${id}`, scopes: SCOPES, role, team: 1 }, now);
    tokenFilesOf(home).write(token);
    const { name: user } = token;
    const person = { user, member: { id: `p_${id}`, role, team: 1, scopes: SCOPES } };
    const ticket = ticketFilesOf(home).issue({ kind: 'desk', holder: { key: token.id, person } });
    const headers = { 'content-type': 'application/json', ...fromPage(url) };
    const body = JSON.stringify({ ticket });
    const entered: unknown = await (await fetch(`${url}/desk/ticket`, { method: 'POST', headers, body })).json();
    const key = typeof entered === 'object' && entered !== null && 'key' in entered ? String(entered.key) : '';
    return async (path) => (await fetch(`${url}${path}`, { headers: { 'x-countersign-key': key } })).text();
  };
}

/** Every path that the page reads, with the ids of the private agent where a path takes one. */
function paths({ agent_id, run_ids, action }: Planted): string[] {
  const { run_id, contact_id, action_index } = action;
  const ref = new URLSearchParams({ run_id, contact_id, action_index: String(action_index) });
  return [
    ...['/desk/me', '/desk/queue', '/desk/agents', '/desk/agents?query=zqnamez', '/desk/runs', '/desk/contacts'],
    ...[`/desk/agents/${agent_id}`, `/desk/runs?agent_id=${agent_id}`, `/desk/log?agent_id=${agent_id}`],
    ...run_ids.map((id) => `/desk/runs/${id}`),
    ...['/desk/contact?id=ann', '/desk/log', '/desk/brake', '/desk/settings', '/desk/outbox'],
    ...[`/desk/outbox/file?${ref}`, `/desk/action?${ref}`, '/desk/consent?address=ann@example.com'],
  ];
}

/** What an answer tells that somebody asked for themselves: the ids in the path, which a refusal may name. */
const without = (path: string, text: string) =>
  decodeURIComponent(path)
    .split(/[/?=&]/)
    .filter((part) => part.length > 3)
    .reduce((left, part) => left.replaceAll(part, ''), text);

describe('the desk of one of a team', () => {
  it('tells nothing of another’s private agent, on any screen; its owner and admins see all of it', async () => {
    const planted = await aPrivateAgent();
    const open = await served(planted);
    const [ben, ada] = [await open('ben', 'member'), await open('ada', 'admin')];
    expect(await ben('/desk/contact?id=ann')).toContain('"recent_actions":[{"type":');
    const seen: string[] = [];
    for (const path of paths(planted)) {
      const text = without(path, await ben(path));
      for (const secret of planted.secrets) expect([path, text]).not.toEqual([path, expect.stringContaining(secret)]);
      seen.push(await ada(path));
    }
    for (const marker of ['zqnamez', 'zqbodyz', 'zqreasonz', 'zqeditz', 'zqwhyz', planted.agent_id])
      expect(seen.join('\n')).toContain(marker);
  });
});
