import { findActionType } from '../../actions/index.ts';
import { paramsProblems } from '../../actions/params.ts';
import type { Offers, PinnedTool } from '../../domain/agents/tool.ts';
import { AppError, invalid } from '../../domain/base/errors.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import { sceneOf } from '../base/scene.ts';
import { paramsInScene } from '../gate/digest.ts';
import { offersFor } from '../gate/tool-offers.ts';
import { type LocatedAction, locate } from './locate.ts';

type Params = Record<string, unknown>;
/** A person's edit of an action: the new params, and the tool that they call, if any. */
export type Edit = { params: Params; tool?: PinnedTool };

/** The tools of an agent's MCP servers, where an edit of its action calls a tool. */
export async function offersForEdit(house: House, ref: ActionRef, params: Params): Promise<Offers | undefined> {
  const { agent, action } = await house.read((view) => locate(view, ref));
  return offersFor(house, agent, [{ type: action.type, params }]);
}

/** The tool that edited params call. For the same tool as before, the definition that was shown is kept. */
function toolOf(view: View, found: LocatedAction, params: Params, offers: Offers | undefined): PinnedTool | undefined {
  const { ref, agent, action } = found;
  const scene = sceneOf(view, agent, ref.contact_id);
  const pinning = scene && findActionType(action.type)?.pin?.({ ...scene, offers }, params);
  if (pinning?.problem !== undefined) {
    const code = pinning.isUnreachable ? 'PROVIDER_ERROR' : 'VALIDATION_ERROR';
    throw new AppError(code, `The edited params can't be approved: ${pinning.problem}. Nothing was changed.`);
  }
  const before = action.pinned_tool;
  const now = pinning?.pinned_tool;
  return now && before?.server === now.server && before.name === now.name ? before : now;
}

/** An edit, checked against the action's type, with the tool that it calls; VALIDATION_ERROR where it doesn't fit. */
export function edited(view: View, found: LocatedAction, params: Params, offers: Offers | undefined): Edit {
  const known = findActionType(found.action.type);
  const problems = known ? paramsProblems(known, params) : [];
  if (known && problems.length === 0) {
    const tool = toolOf(view, found, params, offers);
    const scene = sceneOf(view, found.agent, found.ref.contact_id);
    const done = scene ? paramsInScene(found.action.type, params, scene) : params;
    return { params: done, ...(tool ? { tool } : {}) };
  }
  const details = Object.fromEntries(problems.map(({ path, message }) => [path, message]));
  throw invalid(
    `The edited params don't fit ${found.action.type}: ${Object.entries(details)
      .map(([path, problem]) => `${path}: ${problem}`)
      .join('; ')}. Nothing was changed. Give params whole, with every field.`,
    details,
  );
}
