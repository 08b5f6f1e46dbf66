import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../support/served.ts';
import { ERAS, startServer } from '../support/server.ts';

describe.each(ERAS)('a token without agents:read, for a client of %s', (era) => {
  it('is told which scope it lacks, by whatever way of MCP it would read', async () => {
    const served = await serve();
    const token = served.token('tom', '--scopes', 'trigger');
    const on = await startServer({ era, over: { url: served.url, token } });
    onTestFinished(() => on.close());
    const lack = /FORBIDDEN: (?<method>\S+) needs a token with the scope agents:read; this one has agents:trigger\./;
    for (const reading of [
      () => on.resource('countersign://pending'),
      () => on.complete('countersign://agents/{agent_id}', 'agent_id', ''),
      () => on.prompt('review_pending'),
      () => on.subscribe('countersign://pending'),
    ])
      await expect(reading()).rejects.toThrow(lack);
    expect(on.capabilities()).not.toHaveProperty('resources');
    expect((await on.refusal('list_agents')).code).toBe('FORBIDDEN');
  });
});
