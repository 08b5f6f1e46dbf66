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

  it('sends a draft back with the person’s words, by a plain call, and says why where that can’t be', async () => {
    const { server, run_id } = await servedDesk();
    const thinker = { name: 'Thinker', capabilities: ['notes'], playbook: { playbook_md: 'Write a note.' } };
    const { agent } = await server.call('create_agent', thinker);
    const run = await server.call('trigger_agent', { agent_id: agent.id, contact_ids: ['chen'] });
    const { evaluation } = await server.call('next_evaluation', { run_id: run.run_id });
    await server.call('submit_evaluation', {
      ...{ run_id: run.run_id, evaluation_id: evaluation.evaluation_id, reasoning: 'They asked.' },
      proposed_actions: [{ type: 'note', params: { body: 'Ring tomorrow.' } }],
    });
    const opened = await drawnPanel(server);
    const panel = opened.page.frameLocator('iframe');
    const sendBack = async (words: string) => {
      await panel.getByRole('button', { name: 'Revise' }).click();
      await panel.getByLabel(/How should it be/).fill(words);
      await panel.getByLabel(/How should it be/).press('Enter');
      await letUndoPass(opened);
    };
    await panel.locator('.row').last().click();
    await panel.locator('.paper').getByText('Ring tomorrow.').waitFor();
    await sendBack('Say which day.');
    await panel.getByRole('status').filter({ hasText: 'Sent back.' }).waitFor();
    const again = await server.call('next_evaluation', { run_id: run.run_id });
    expect(again.evaluation.revision).toMatchObject({ feedback: 'Say which day.' });
    await panel.getByRole('button', { name: 'List' }).click();
    await panel.locator('.row').first().click();
    await sendBack('Shorter.');
    await panel.getByRole('alert').filter({ hasText: 'rule' }).waitFor();
    expect(
      (await server.call('get_run', { run_id, contact_id: 'ada' })).run.contact_results[0].proposed_actions,
    ).toMatchObject([{ status: 'pending_approval' }]);
    expect(opened.errors).toEqual([]);
  });

  it('shows the changes that wait whole, and the way to the desk, where they are decided', async () => {
    const { server } = await servedDesk();
    const { agents } = await server.call('list_agents', {});
    const changes = { approval: { auto_approve: ['email_message'] } };
    await server.raw('update_agent', { agent_id: agents[0].id, changes });
    expect((await server.call('list_pending_actions', {})).changes_total).toBe(1);
    const opened = await drawnPanel(server);
    const panel = opened.page.frameLocator('iframe');
    await panel.getByText('4 wait').waitFor();
    await panel.locator('.row').last().click();
    await panel.getByText('approval.auto_approve').first().waitFor();
    expect(await panel.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    expect(await panel.getByRole('button', { name: 'Decline' }).count()).toBe(0);
    await panel.getByText('No call of a tool decides a change').waitFor();
    const [{ change_id }] = (await server.call('list_pending_actions', {})).changes;
    for (const key of ['a', 'r']) await panel.getByRole('button', { name: 'Open the desk' }).press(key);
    await letUndoPass(opened);
    expect((await server.call('list_pending_actions', {})).changes).toMatchObject([{ change_id }]);
    const { opened: isOpen, url } = await server.call('open_desk', {});
    expect(isOpen).toBe(false);
    await panel.getByRole('button', { name: 'Open the desk' }).click();
    await panel.getByRole('status').filter({ hasText: url }).waitFor();
    expect(opened.errors).toEqual([]);
  });

  it('says that the brake is on', async () => {
    const { server } = await servedDesk();
    await server.call('set_brake', { on: true });
    const { page } = await drawnPanel(server);
    await page.frameLocator('iframe').getByText('● brake on').waitFor();
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
