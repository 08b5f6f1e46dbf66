import { Agent, setGlobalDispatcher } from 'undici';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../support/daemon.ts';
import { post, toolCall } from '../support/http-wire.ts';
import { accept, EMAIL, waits, withPerson } from '../support/person.ts';
import { aProxy, PROXY_NAMES, type ProxyName } from '../support/proxy.ts';
import { type Served, serve, tokenIn } from '../support/served.ts';
import { ERAS, startServer, temporaryHome } from '../support/server.ts';

/** A home behind a proxy with TLS, as the page about serving says. Its certificate is trusted from here on. */
async function behind(name: ProxyName): Promise<{ served: Served; over: { url: string; token: string } }> {
  const proxy = await aProxy(name);
  const [home, [port]] = [temporaryHome(), await freePorts()];
  const token = tokenIn(home);
  const args = ['--port', String(port), '--public-url', proxy.url, '--trust-proxy'];
  const served = await serve({ home, args });
  await proxy.start(`127.0.0.1:${port}`);
  setGlobalDispatcher(new Agent({ connect: { ca: proxy.ca } }));
  return { served, over: { url: served.url, token } };
}

describe.each(PROXY_NAMES)('a home behind %s', (name) => {
  it.each(ERAS)('shows forms and tells of changes, %s', async (era) => {
    const { served, over } = await behind(name);
    const { server, forms } = await withPerson(era, () => accept({ decision: 'approve' }), {}, { over });
    const { updates, stop } = await server.subscribe('countersign://pending');
    const { at } = await waits(server, EMAIL);
    await expect.poll(() => updates).toContain('countersign://pending');
    const { action } = await server.call('approve_action', await server.shown(at));
    expect(forms).toHaveLength(1);
    expect(action).toMatchObject({ decided_via: 'elicited' });
    await stop();
    await server.close();
    expect(await served.end()).toBe(0);
  });

  it('counts failed logins by the address that the proxy names last', async () => {
    const { over } = await behind(name);
    const from = (address: string) =>
      post(over.url, 'cs_nobody_wrong', toolCall('list_agents'), { 'x-forwarded-for': address });
    const statuses = [];
    for (let n = 0; n < 12; n++) statuses.push((await from(`203.0.113.${n}`)).status);
    // What a client says of its own address changes nothing.
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    const right = await startServer({ over });
    expect((await right.call('list_agents')).agents).toEqual([]);
    await right.close();
  });
});
