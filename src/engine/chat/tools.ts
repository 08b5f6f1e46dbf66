import type { Agent } from '../../domain/agents/agent.ts';
import type { Offer, OfferedTool } from '../../domain/agents/tool.ts';
import { isObject } from '../../domain/base/json.ts';
import { withChecks } from '../../domain/base/schema-check.ts';
import type { ChatFunction } from '../../evaluators/conversation.ts';
import type { House } from '../base/house.ts';
import { demandReleasedNow } from '../gate/brake.ts';

/** In a chat, a server's list of tools is used for this long before the server is asked again. */
const FRESH_MS = 15_000;

/** A tool's name as model providers take it: letters, digits, `_` and `-`, at most 64. */
function functionName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
}

function toolFunction(house: House, server: string, tool: OfferedTool): ChatFunction {
  return {
    name: functionName(`${server}_${tool.name}`),
    description: tool.description.slice(0, 1_000),
    input: tool.inputSchema,
    async run(input) {
      const args = isObject(input) ? input : {};
      const problem = await withChecks(() => tool.check(args));
      if (problem !== undefined) return { error: problem };
      await demandReleasedNow(house, 'No tool is called');
      const idempotency_key = house.deps.newId('call');
      const { outcome, text } = await house.toolServers.call({ server, tool, args, idempotency_key });
      return outcome === 'done' ? { result: text } : { error: text };
    },
  };
}

/** Why a tool that the person lists can't be called now; undefined where its server simply doesn't offer it. */
function reasonAgainst(offer: Offer | undefined, name: string): string | undefined {
  if (!offer) return undefined;
  return 'tools' in offer ? offer.unusable.get(name) : `its server can't be asked: ${offer.problem}`;
}

/** A function in the place of a tool that can't be called, so that whoever chats is told why. */
function unusableFunction(server: string, name: string, problem: string): ChatFunction {
  const error = `The tool ${server}/${name} is unusable: ${problem}`;
  const description = `Can't be called now. ${error}`.slice(0, 1_000);
  return {
    name: functionName(`${server}_${name}`),
    description,
    input: { type: 'object' },
    run: async () => ({ error }),
  };
}

/**
 * The tools that an agent's `custom_functions` name and the person lists as `chatTools` in HOME/config.json, as
 * `server/tool`. A chat calls them without asking the person, who listed them for that.
 */
export async function customFunctions(house: House, agent: Agent): Promise<ChatFunction[]> {
  if (agent.custom_functions.length === 0) return [];
  const { chatTools } = house.deps.config();
  const wanted = chatTools.filter((name) => agent.custom_functions.includes(name));
  const servers = [...new Set(wanted.map((name) => name.slice(0, name.indexOf('/'))))];
  if (servers.length === 0) return [];
  const offers = await house.toolServers.ask(servers, FRESH_MS);
  return wanted.flatMap((name) => {
    const at = name.indexOf('/');
    const server = name.slice(0, at);
    const offer = offers.get(server);
    const own = name.slice(at + 1);
    const tool = offer && 'tools' in offer ? offer.tools.get(own) : undefined;
    if (tool) return [toolFunction(house, server, tool)];
    const problem = reasonAgainst(offer, own);
    return problem === undefined ? [] : [unusableFunction(server, own, problem)];
  });
}
