import { toolServersOf } from '../../actions/mcp-tool.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { AppError } from '../../domain/base/errors.ts';

/** Why tools that an agent may propose to call can't be: the person hasn't listed their server in HOME/config.json. */
export function toolWarnings(agent: Agent, readConfig: Deps['config']): string[] {
  const servers = toolServersOf(agent);
  const rule = agent.playbook.rules.findIndex(({ propose }) => propose.some(({ type }) => type === 'mcp_tool'));
  if (servers.length === 0)
    return rule < 0
      ? []
      : [`playbook.rules[${rule}] proposes mcp_tool, which is blocked without a capability "mcp:<server>".`];
  try {
    const { file, mcpServers } = readConfig();
    return servers.flatMap((server) => {
      const entry = mcpServers.get(server);
      if (entry && !('problem' in entry)) return [];
      const why = entry ? entry.problem : `${file} doesn't list "${server}" under mcpServers, as the person can`;
      return [`The capability "mcp:${server}" has no effect, and its mcp_tool actions are blocked: ${why}.`];
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [`mcp_tool actions are blocked: ${error.message}`];
  }
}
