import type { ActionScene } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { PinnedTool } from '../../domain/agents/tool.ts';
import { digest } from '../../domain/base/digest.ts';
import { AppError } from '../../domain/base/errors.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import { visible, visibleAddress } from '../../domain/text/visible.ts';
import { effectiveParams } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import { sceneOf } from '../base/scene.ts';
import { actionDigest, recipientOf } from '../gate/digest.ts';
import { demandProof, waysTo } from '../gate/proof.ts';
import type { ApproveArgs } from './approve.ts';
import { demandEchoes, demandPending, demandRetryOf } from './demand.ts';
import { edited, offersForEdit } from './edit.ts';
import { expireDue } from './expiry.ts';
import { type LocatedAction, locate } from './locate.ts';

/** What a form asks a person. `binding` changes with anything that `message` shows; `ways` would do instead. */
export type Question = { message: string; binding: string; ways: string[] };

/** The most rows that one form shows: a person approves no row that the form doesn't show. */
const MOST_ROWS = 200;
const HEADLINE = 120;

/** An action as its recipient will see it, line by line, the recipient first. */
function preview(
  type: string,
  params: Record<string, unknown>,
  scene: ActionScene,
  tool: PinnedTool | undefined,
): [string, string][] {
  const known = findActionType(type);
  const to = recipientOf(type, scene, tool);
  const lines: [string, string][] = known?.preview?.(scene, params) ?? [
    ...Object.entries(params).map(([name, value]): [string, string] => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value, null, 2),
    ]),
  ];
  const said: [string, string][] = tool ? [['What its server says of the tool', tool.description]] : [];
  return [...(to === undefined ? [] : [['To', visibleAddress(to)] as [string, string]]), ...lines, ...said];
}

function contactName({ contact }: ActionScene): string {
  const name = [contact.firstname, contact.lastname].filter((part) => part).join(' ');
  return visible([name, contact.company, `contact ${contact.id}`].filter((part) => part).join(', '));
}

function laidOut(lines: [string, string][]): string {
  return lines
    .map(([name, text]) => {
      const shown = name === 'To' ? text : visible(text);
      return shown.includes('\n') ? `${name}:\n  ${shown.replaceAll('\n', '\n  ')}` : `${name}: ${shown}`;
    })
    .join('\n');
}

function scene(view: View, { agent, ref }: LocatedAction): ActionScene {
  const found = sceneOf(view, agent, ref.contact_id);
  if (found) return found;
  throw new AppError('NOT_FOUND', 'The contact of this action was deleted, so there is nothing to decide.');
}

/** What an action would do: its params, and the tool that they call, if any. */
export type Doing = { params: Record<string, unknown>; tool?: PinnedTool | undefined };

/** An action line by line, with these params and this tool. */
export function actionLines(view: View, found: LocatedAction, { params, tool }: Doing): [string, string][] {
  return preview(found.action.type, params, scene(view, found), tool);
}

function oneAction(view: View, found: LocatedAction, doing: Doing, what: string): string {
  const at = scene(view, found);
  const { action, agent } = found;
  return [
    laidOut(actionLines(view, found, doing)),
    '',
    `${what} this ${action.type} from agent "${visible(agent.name)}" for ${contactName(at)}?`,
  ].join('\n');
}

/** The question before one action is approved, edited or as proposed; FORBIDDEN where a form is no sufficient proof. */
export async function approvalQuestion(house: House, args: ApproveArgs): Promise<Question & { digest: string }> {
  await expireDue(house);
  const offers = args.params && (await offersForEdit(house, args, args.params));
  return house.read((view) => {
    const found = locate(view, args);
    demandPending(view, found, args.expected_digest);
    const { agent, action } = found;
    const { env } = house.deps;
    demandProof(agent, env, 'Approving this action', { given: 'elicited', source: action.source });
    const edit = args.params && edited(view, found, args.params, offers);
    const { params, tool = action.pinned_tool } = edit ?? { params: effectiveParams(action) };
    demandEchoes(view, found, args, { params, tool });
    const what = args.params ? 'Approve, as edited,' : 'Approve';
    return {
      message: oneAction(view, found, { params, tool }, what),
      binding: actionDigest(action.type, params, scene(view, found), tool),
      digest: found.digest,
      ways: waysTo('elicited', agent, env),
    };
  });
}

/** The question before an unknown or failed attempt is repeated; FORBIDDEN where a form is no sufficient proof. */
export async function retryQuestion(
  house: House,
  ref: ActionRef & { expected_digest?: string | undefined },
): Promise<Question & { digest: string }> {
  return house.read((view) => {
    const found = locate(view, ref);
    demandRetryOf(view, found, ref.expected_digest);
    const { agent, action } = found;
    demandProof(agent, house.deps.env, 'Retrying this action', { given: 'elicited', source: action.source });
    const params = effectiveParams(action);
    const tool = action.pinned_tool;
    const why =
      action.status === 'unknown' ? 'Its first attempt may have happened. Repeat' : 'Its attempt failed. Repeat';
    return {
      message: oneAction(view, found, { params, tool }, why),
      binding: found.digest,
      digest: found.digest,
      ways: waysTo('elicited', agent, house.deps.env),
    };
  });
}

function headline(view: View, found: LocatedAction): string {
  const { action, agent } = found;
  const lines = preview(action.type, effectiveParams(action), scene(view, found), action.pinned_tool);
  const [[first, to] = ['', ''], ...rest] = lines;
  const text = rest.map(([, value]) => visible(value).replace(/\s+/g, ' ')).join(' | ') || to;
  const where = first === 'To' ? to : contactName(scene(view, found));
  return `${where}: ${action.type}, ${text.slice(0, HEADLINE)}${text.length > HEADLINE ? '…' : ''} (agent "${visible(agent.name)}")`;
}

/** The question before the rows of a review token are approved: every one of them is in it. */
export async function bulkQuestion(house: House, refs: readonly ActionRef[]): Promise<Question> {
  return house.read((view) => {
    if (refs.length > MOST_ROWS) {
      throw new AppError(
        'LIMIT_EXCEEDED',
        `A form shows at most ${MOST_ROWS} actions, and this review_token stands for ${refs.length}. Nothing was decided. Call list_pending_actions with limit ${MOST_ROWS}, then review_actions with its review_token.`,
        { rows: refs.length },
      );
    }
    const rows = refs.map((ref) => locate(view, ref));
    const lines = rows.map((found, index) => `${index + 1}. ${headline(view, found)}`);
    const agent: Agent | undefined = rows[0]?.agent;
    return {
      message: `Approve all ${rows.length} of these, or reject all?\n\n${lines.join('\n')}`,
      binding: digest(rows.map((found) => found.digest)),
      ways: agent ? waysTo('elicited', agent, house.deps.env) : [],
    };
  });
}
