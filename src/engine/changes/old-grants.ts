import type { Agent } from '../../domain/agents/agent.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import { ALL } from '../../domain/state/queries.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { typesToGrant } from '../gate/grant.ts';
import { askingFor } from '../gate/standing.ts';

/** Agents whose settings let something happen unasked, although nobody was ever asked about it: those of before. */
function neverAsked(view: View): Agent[] {
  return view.find.agents({ status: 'any' }, ALL).rows.flatMap(({ id, approval }) => {
    const mayAct = !approval.require_approval || approval.auto_approve.length > 0;
    if (!mayAct || view.standing(id)) return [];
    const agent = currentAgent(view, id);
    return agent && typesToGrant(agent).length > 0 ? agent : [];
  });
}

/**
 * Puts the permission of agents that acted unasked before there were permissions among the changes that wait, once. Until
 * a person gives it, what they propose waits.
 */
export async function askForOldGrants({ whole: house }: House): Promise<void> {
  const found = await house.read((view) => neverAsked(view).length);
  if (found === 0) return;
  await house.commit(PRODUCT, (view, moment) => {
    return { events: neverAsked(view).map((agent) => askingFor(view, agent, moment)), value: undefined };
  });
}

/** The same before a read. A failed write is only logged, because reading works without it. */
export async function askForOldGrantsBeforeReading(house: House): Promise<void> {
  try {
    await askForOldGrants(house);
  } catch (error) {
    house.deps.log.warn({ error: String(error) }, 'permissions of an earlier edition could not be asked for');
  }
}
