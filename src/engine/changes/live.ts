import { mandateDigest } from '../../domain/agents/mandate.ts';
import { canonical } from '../../domain/base/json.ts';
import type { KeptChange } from '../../domain/state/kept-change.ts';
import { currentAgent, type View, wholeOf } from '../../domain/state/view.ts';
import type { Moment } from '../base/moment.ts';
import { type Demanding, mandateNow } from '../gate/grant.ts';
import { LEVELS } from '../gate/proof.ts';

/** What a change was made for: the change lapses once this is another. The word says which thing is compared. */
export type Base = 'mandate' | 'version' | 'identity' | 'nothing';

/** The thing that a change was made for, as it is now; undefined where it is gone. */
export function baseNow(view: View, of: Base, id: string): string | undefined {
  if (of === 'nothing') return 'nothing';
  if (of === 'identity') {
    const identity = view.identity(id);
    return identity && `identity ${canonical(identity)}`;
  }
  const agent = currentAgent(view, id);
  if (!agent) return undefined;
  return of === 'version' ? `version ${agent.version}` : `mandate ${mandateDigest(mandateNow(view, agent))}`;
}

const BASES: readonly Base[] = ['mandate', 'version', 'identity', 'nothing'];

/** Whether a grant that is asked for is still for the agent as it is, and isn't given yet. */
function isWanted(view: View, agent_id: string, digest: string): boolean {
  const agent = currentAgent(view, agent_id);
  return agent !== undefined && mandateDigest(mandateNow(view, agent)) === digest;
}

/** Why a change can't be decided any more, in words; undefined where it can. */
export function lapsed(view: View, { at }: Pick<Moment, 'at'>, change: KeptChange): string | undefined {
  if (change.lapses_at <= at) return `nobody decided on it until ${change.lapses_at}`;
  const { call, base, agent_id, identity_id } = change;
  if (call.tool === 'grant') {
    const isWhole = call.grants.every((grant) => isWanted(view, grant.agent_id, grant.digest));
    return isWhole ? undefined : 'what it would allow has changed since';
  }
  const of = BASES.find((word) => base.startsWith(word)) ?? 'nothing';
  const id = call.tool === 'save_identity' ? identity_id : agent_id;
  if (baseNow(view, of, id ?? '') === base) return undefined;
  return `what it would change has changed since`;
}

/** The agents whose `min_proof` a yes to a change needs: as they are, and as one is made that is new or gets a permission. */
export function demandingAgents(view: View, { call, agent_ids, grants, after }: KeptChange): Demanding[] {
  // An identity's change may touch agents that whoever looks doesn't see: their demands count all the same.
  const { agent } = wholeOf(view);
  const min_proof = LEVELS.find((level) => level === after['approval.min_proof']);
  const counts = min_proof !== undefined && (call.tool === 'create_agent' || grants.length > 0);
  return [...(counts ? [{ approval: { min_proof } }] : []), ...agent_ids.flatMap((id) => agent(id) ?? [])];
}

/** The changes that wait and can still be decided, newest first. */
export function liveChanges(view: View, moment: Pick<Moment, 'at'>): KeptChange[] {
  return view
    .changes()
    .filter((change) => lapsed(view, moment, change) === undefined)
    .reverse();
}
