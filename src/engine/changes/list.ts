import type { Values } from '../../domain/agents/mandate.ts';
import { digest } from '../../domain/base/digest.ts';
import type { KeptChange } from '../../domain/state/kept-change.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { fitting } from '../../domain/text/fitting.ts';
import { tokensOf } from '../../domain/text/tokens.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import type { ChangeAsShown } from '../base/shown/change.ts';
import { neededForChange, typesToGrant } from '../gate/grant.ts';
import { whatOfGrant } from '../gate/standing.ts';
import { demandingAgents, liveChanges } from './live.ts';

const MOST = 20;
const LONGEST_VALUE = 500;
/** The most tokens that changes take of a list, which holds the actions that wait, too. */
const TOKENS = 2_500;

/** Values as a list shows them: long ones by their length and digest alone. */
function cut(values: Values): Values {
  const short = (value: unknown) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return text.length > LONGEST_VALUE ? { characters: text.length, digest: digest(value) } : value;
  };
  return Object.fromEntries(Object.entries(values).map(([path, value]) => [path, short(value)]));
}

/** What a change takes a person for. Of a permission for several agents, only what is still asked for. */
function whatOf(view: View, { call, what }: KeptChange): string[] {
  if (call.tool !== 'grant') return what;
  return call.grants.flatMap(({ agent_id }) => {
    const agent = currentAgent(view, agent_id);
    return agent ? [whatOfGrant(agent, typesToGrant(agent))] : [];
  });
}

function shownChange(view: View, { env }: Pick<Moment, 'env'>, change: KeptChange): ChangeAsShown {
  const { id, agent_id, identity_id, before, after, asked_at, asked_by, lapses_at } = change;
  return {
    change_id: id,
    ...(agent_id === undefined ? {} : { agent_id }),
    ...(identity_id === undefined ? {} : { identity_id }),
    what: whatOf(view, change),
    before: cut(before),
    after: cut(after),
    needs: neededForChange(view, demandingAgents(view, change), env),
    ...{ asked_at, asked_by, lapses_at },
  };
}

/** The changes that wait, newest first: of one agent, or all. */
export function changesThatWait(view: View, moment: Moment, agentId?: string): KeptChange[] {
  const all = liveChanges(view, moment);
  if (agentId === undefined) return all;
  return all.filter((change) => change.agent_id === agentId || change.agent_ids.includes(agentId));
}

/** The newest changes that wait, as many as have room, and how many there are in all. A first one beyond it is cut. */
export function listChanges(
  house: House,
  { agent_id }: { agent_id?: string | undefined },
): Promise<{ changes_total: number; changes: ChangeAsShown[] }> {
  return house.read((view, moment) => {
    const id = agent_id === undefined ? undefined : findAgent(view, agent_id).id;
    const found = changesThatWait(view, moment, id);
    const changes: ChangeAsShown[] = [];
    let left = TOKENS;
    for (const change of found.slice(0, MOST)) {
      const row = shownChange(view, moment, change);
      const tokens = tokensOf(row);
      if (tokens > left && changes.length > 0) break;
      changes.push(fitting(row, left));
      left -= tokens;
    }
    return { changes_total: found.length, changes };
  });
}
