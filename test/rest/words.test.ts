import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/base/errors.ts';
import { apiWords, toldInWords } from '../../src/rest/base/refusals.ts';
import { TOOLS } from '../../tools/index.ts';
import { clientOf, restServer } from '../support/rest-server.ts';

const PREFIXES = [
  ['/pathbound/v1', 'Bearer', ''],
  ['/make/ai-agents/v1', 'Token', '?teamId=1'],
  ['/converra/api/v1', 'Bearer', ''],
  ['/talkifai/v1', 'Bearer', ''],
] as const;
/** A tool of MCP, not said to be one. */
const BARE = new RegExp(`(?<!MCP tool )\\b(?:${TOOLS.map(({ name }) => name).join('|')})\\b`);

describe('an error by REST', () => {
  it.each(PREFIXES)('names the ways of its own API at %s, and no tool', async (prefix, scheme, query) => {
    const on = await restServer();
    const api = clientOf(on, prefix, on.token(), scheme);
    const id = prefix.startsWith('/make') ? '9c0f3f6e-6a4d-4a5e-9d53-1b8f6f1a2b3c' : 'ag_none';
    for (const method of ['get', 'patch', 'delete'] as const) {
      const { status, text } = await api[method](
        `/agents/${id}${query}`,
        method === 'patch' ? { name: 'X' } : undefined,
      );
      expect(status).toBe(404);
      expect(text).toContain('GET /agents');
      expect(text).not.toMatch(BARE);
    }
  });

  it('says what to send where MCP has changes, and which tool there is where it has no path', async () => {
    const on = await restServer();
    const api = clientOf(on, '/pathbound/v1', on.token());
    const { _id } = (await api.post('/agents', { name: 'A', playbook: { playbook_md: 'Be brief.' } })).json.agent;
    const unknown = (await api.post(`/agents/${_id}/trigger`, { contact_ids: ['nobody'] })).json;
    expect(unknown.error).toContain('The MCP tool list_contacts shows the ids.');
    await on.call('update_agent', { agent_id: _id, changes: { status: 'archived' } });
    const archived = (await api.post(`/agents/${_id}/trigger`)).json;
    expect(archived.error).toContain('Revive it with PATCH /agents/:id {"enabled": true}');
    const warned = (await api.post('/agents', { name: 'B', playbook: { playbook_md: 'x' }, identity_id: 'id_x' })).json;
    expect(warned.warnings.join(' ')).toContain('until PATCH /agents/:id gives it one of the MCP tool list_identities');
    expect(JSON.stringify(warned.warnings)).not.toMatch(BARE);
    expect((await api.get(`/agents/${_id}`)).text).not.toMatch(BARE);
  });

  it('leaves alone what people called their own things, and the rows that it shows', () => {
    const inWords = apiWords([{ tool: 'get_agent', method: 'GET', path: '/agents/:id' }]);
    const error = new AppError('CONFLICT', 'Agent "get_agent" is "a \\" get_agent": get_agent reads it. list_runs', {
      action: { params: { body: 'get_agent' } },
      agent_id: 'get_agent',
      ways: [{ how: 'reject_action needs less' }],
    });
    const told = toldInWords(error, inWords);
    expect({ message: told.message, details: told.details }).toEqual({
      message: 'Agent "get_agent" is "a \\" get_agent": GET /agents/:id reads it. The MCP tool list_runs',
      details: {
        action: { params: { body: 'get_agent' } },
        agent_id: 'get_agent',
        ways: [{ how: 'The MCP tool reject_action needs less' }],
      },
    });
  });
});
