import type { ActionScene } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import { type ParamsProblem, paramsProblems } from '../../actions/params.ts';
import type { Offers, PinnedTool } from '../../domain/agents/tool.ts';
import { AppError, invalid } from '../../domain/base/errors.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';
import type { Moment } from '../base/moment.ts';
import { sceneOf } from '../base/scene.ts';
import { actionDigest, paramsInScene } from '../gate/digest.ts';
import { withMoved } from '../gate/freshness.ts';
import { answerObjection } from '../gate/objections.ts';
import { offersFor } from '../gate/tool-offers.ts';
import { staleness } from './demand.ts';
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

/** What an edit is held against, beside its action: the tools on offer, and the time. */
type EditTerms = { offers: Offers | undefined; now: Date };

/** What is wrong with edited params: their shape, or that they answer what can't be answered. */
function problemsOf(type: string, params: Params, scene: ActionScene | undefined, now: Date): ParamsProblem[] {
  const known = findActionType(type);
  const problems = known ? paramsProblems(known, params) : [];
  const unanswerable = scene && problems.length === 0 ? answerObjection(scene, { type, params }, now) : undefined;
  return unanswerable === undefined ? problems : [{ path: 'params.in_reply_to', message: unanswerable }];
}

/** An edit, checked against the action's type, with the tool that it calls; VALIDATION_ERROR where it doesn't fit. */
export function edited(view: View, found: LocatedAction, params: Params, { offers, now }: EditTerms): Edit {
  const { type } = found.action;
  const scene = sceneOf(view, found.agent, found.ref.contact_id);
  const problems = problemsOf(type, params, scene, now);
  if (findActionType(type) && problems.length === 0) {
    const tool = toolOf(view, found, params, offers);
    return { params: scene ? paramsInScene(type, params, scene) : params, ...(tool ? { tool } : {}) };
  }
  const details = Object.fromEntries(problems.map(({ path, message }) => [path, message]));
  throw invalid(
    `The edited params don't fit ${type}: ${Object.entries(details)
      .map(([path, problem]) => `${path}: ${problem}`)
      .join('; ')}. Nothing was changed. Give params whole, with every field.`,
    details,
  );
}

/** The digest of an action as edited, which a yes to the edit is for. */
export function digestOfEdit(view: View, found: LocatedAction, { params, tool }: Edit): string {
  const { ref, agent, action, moved } = found;
  const scene = sceneOf(view, agent, ref.contact_id);
  if (!scene) return found.digest;
  return withMoved(actionDigest(action.type, params, scene, tool ?? action.pinned_tool), moved.changed_since);
}

/** An edit as it would be approved now, with the action as it stands and the digest of the edit. VALIDATION_ERROR where it doesn't fit. */
export async function checkedEdit(
  house: House,
  ref: ActionRef,
  params: Params,
): Promise<Edit & { found: LocatedAction; digest: string }> {
  const offers = await offersForEdit(house, ref, params);
  return house.read((view, { now }) => {
    const found = locate(view, ref);
    const edit = edited(view, found, params, { offers, now });
    return { ...edit, found, digest: digestOfEdit(view, found, edit) };
  });
}

/** A row to decide on: as it was shown, or as the person edited it. */
export type Chosen = { found: LocatedAction; edit?: Edit | undefined };

/** A row that a person decides on: its address, the digest that they were shown or that of their edit, and the edit. */
export type RefRow = ActionRef & { digest: string; params?: Record<string, unknown> | undefined };

type OffersByPlace = ReadonlyMap<number, Offers | undefined>;

/** The tools on offer for each edited row, by its place. */
export async function offersForEdits(house: House, rows: readonly RefRow[]): Promise<OffersByPlace> {
  const found = new Map<number, Offers | undefined>();
  for (const [place, { params, ...ref }] of rows.entries())
    if (params) found.set(place, await offersForEdit(house, ref, params));
  return found;
}

/** An edited row, or why it can't be decided: the edit doesn't fit, or the action isn't the one that was edited. */
export function editedRow(
  view: View,
  moment: Moment,
  found: LocatedAction,
  { digest, params, offers }: RefRow & { offers: Offers | undefined },
): Chosen | string {
  if (!params) return staleness(found, digest) ?? { found };
  const stale = staleness(found, undefined);
  if (stale !== undefined) return stale;
  try {
    const edit = edited(view, found, params, { offers, now: moment.now });
    const isSame = digest === found.digest || digest === digestOfEdit(view, found, edit);
    return isSame ? { found, edit } : (staleness(found, digest) ?? { found, edit });
  } catch (error) {
    if (error instanceof AppError) return error.message;
    throw error;
  }
}
