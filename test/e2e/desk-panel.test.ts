import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawnPanel } from '../support/desk/app-host.ts';
import { closeBrowserAfterwards, letUndoPass } from '../support/desk/browser.ts';
import { servedDesk } from '../support/desk/served-desk.ts';
import { startServer } from '../support/server.ts';

closeBrowserAfterwards();

describe('the panel in a client’s chat', () => {
  it('is a resource that list_pending_actions names, the same file as the page', async () => {
    const server = await startServer();
    const tool = (await server.tools()).find(({ name }) => name === 'list_pending_actions');
    expect(tool._meta).toEqual({ ui: { resourceUri: 'ui://countersign/desk' } });
    const { listed } = await server.resources();
    expect(listed).toContainEqual(
      expect.objectContaining({ uri: 'ui://countersign/desk', mimeType: 'text/html;profile=mcp-app' }),
    );
    expect(await server.resource('ui://countersign/desk')).toMatchObject({
      mimeType: 'text/html;profile=mcp-app',
      text: readFileSync(new URL('../../dist/desk.html', import.meta.url), 'utf8'),
      _meta: { ui: { prefersBorder: true } },
    });
    await server.close();
  });

  it('reads by the tool, and a click is a plain call, which says so', async () => {
    const { server, run_id } = await servedDesk();
    const opened = await drawnPanel(server);
    const panel = opened.page.frameLocator('iframe');
    await panel.getByText('its proof is “client”').waitFor();
    await panel.locator('.row').first().click();
    await panel.getByRole('heading', { name: /ada@northwind.example/ }).waitFor();
    await panel.getByRole('button', { name: 'Approve' }).click();
    await letUndoPass(opened);
    await expect
      .poll(
        async () =>
          (await server.call('get_run', { run_id, contact_id: 'ada' })).run.contact_results[0].proposed_actions[0],
      )
      .toMatchObject({ status: 'executed', decided_via: 'client' });
    await panel.getByRole('heading', { name: /bruno@contoso.example/ }).waitFor();
    await panel.getByRole('button', { name: 'Reject' }).click();
    await panel.getByLabel(/Why not/).fill('not now');
    await panel.getByLabel(/Why not/).press('Enter');
    await letUndoPass(opened);
    await expect
      .poll(
        async () =>
          (await server.call('get_run', { run_id, contact_id: 'bruno' })).run.contact_results[0].proposed_actions[0],
      )
      .toMatchObject({ status: 'rejected', reason: 'not now' });
    expect(opened.errors).toEqual([]);
  });

  it('reads only where the host lets it call nothing', async () => {
    const { server } = await servedDesk();
    const { page } = await drawnPanel(server, {});
    const panel = page.frameLocator('iframe');
    await panel.getByText('lets the panel read only').waitFor();
    await panel.locator('.row').first().click();
    await panel.getByText('shall I send it?').first().waitFor();
    expect(await panel.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);
    expect(await page.evaluate('window.heard')).not.toContain('tools/call');
  });

  it('hears nobody but the host that it is drawn in', async () => {
    const { server } = await servedDesk();
    const { page } = await drawnPanel(server);
    const panel = page.frameLocator('iframe');
    await panel.locator('.row').nth(2).waitFor();
    await page.evaluate(`(() => {
      const stranger = document.createElement('iframe');
      stranger.srcdoc = '<script>parent.frames[0].postMessage({ jsonrpc: "2.0", method: "ui/notifications/tool-result", params: { structuredContent: { actions: [] } } }, "*"); parent.postMessage("said", "*")</script>';
      return new Promise((resolve) => {
        addEventListener('message', ({ data }) => data === 'said' && resolve(undefined));
        document.body.append(stranger);
      });
    })()`);
    expect(await panel.locator('.row').count()).toBe(3);
  });
});
