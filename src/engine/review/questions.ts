import type { ActionScene } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import type { PinnedTool } from '../../domain/agents/tool.ts';
import { AppError } from '../../domain/base/errors.ts';
import { movedInWords, movedNames } from '../../domain/runs/moved-words.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import { type FormLine, laidOut, onOneLine, shortLines, shownRecipient } from '../../domain/text/form-lines.ts';
import { effectiveParams } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import { sceneOf } from '../base/scene.ts';
import { wouldWait } from '../execution/sender-pace.ts';
import { sparedObjection } from '../gate/consent.ts';
import { actionDigest, recipientOf } from '../gate/digest.ts';
import { withMoved } from '../gate/freshness.ts';
import { APPROVED, demandDecision, neededFor, type ProofLevel, REPEATED } from '../gate/proof.ts';
import { waysOf } from '../gate/ways.ts';
import type { ApproveArgs } from './approve.ts';
import { demandEchoes, demandPending, demandRetryOf } from './demand.ts';
import { edited, offersForEdit } from './edit.ts';
import { expireDue } from './expiry.ts';
import { type LocatedAction, locate } from './locate.ts';
import { rejectionLines } from './rejections.ts';

/**
 * What a form asks a person. `message` is at most 3 short lines: what, to whom, about what. `text` is all of it.
 * `binding` changes with anything that would be done otherwise; `ways` would do instead of the form.
 * `needed`: the proof that the decision takes, where a plain call may do for others of its kind.
 */
export type Question = { message: string; text: string; binding: string; ways: string[]; needed?: ProofLevel };

/** Lines of an action that stand on one line each, whatever is in them. */
const ONE_LINE = [
  ...['To', 'From', 'By', 'Goes', 'Reply-To', 'Bcc', 'To unsubscribe', 'Answers', 'Although', 'Subject'],
];

/** An action as its recipient will see it, line by line, the recipient first. */
function preview(
  type: string,
  params: Record<string, unknown>,
  scene: ActionScene,
  tool: PinnedTool | undefined,
): FormLine[] {
  const known = findActionType(type);
  const to = recipientOf(type, scene, tool);
  const lines: FormLine[] = known?.preview?.(scene, params) ?? [
    ...Object.entries(params).map(
      ([name, value]): FormLine => [name, typeof value === 'string' ? value : JSON.stringify(value, null, 2)],
    ),
  ];
  const said: FormLine[] = tool ? [['What its server says of the tool', tool.description]] : [];
  const first: FormLine[] = to === undefined ? [] : [['To', shownRecipient(to)]];
  return [...first, ...lines, ...said];
}

function contactName({ contact }: ActionScene): string {
  const name = [contact.firstname, contact.lastname].filter((part) => part).join(' ');
  return onOneLine([name, contact.company, `contact ${contact.id}`].filter((part) => part).join(', '));
}

function scene(view: View, { agent, ref }: LocatedAction): ActionScene {
  const found = sceneOf(view, agent, ref.contact_id);
  if (found) return found;
  throw new AppError('NOT_FOUND', 'The contact of this action was deleted, so there is nothing to decide.');
}

/** What an action would do: its params, and the tool that they call, if any. `now`: when a person looks at it. */
export type Doing = { params: Record<string, unknown>; tool?: PinnedTool | undefined; now?: Date | undefined };

/** The objection that an answer goes out against, for the person who decides. */
function spared(type: string, params: Record<string, unknown>, where: ActionScene): FormLine[] {
  const known = findActionType(type);
  const objection = known && sparedObjection(known, where, params);
  return objection ? [['Although', `${objection.why}; this is an answer to what they wrote`]] : [];
}

/** An action line by line, with these params and this tool, and when it would go where that isn't at once. */
export function actionLines(view: View, found: LocatedAction, { params, tool, now }: Doing): FormLine[] {
  const { type } = found.action;
  const where = scene(view, found);
  const wait = now && wouldWait(view, where, type, now);
  const [to, ...lines] = preview(type, params, where, tool);
  const goes: FormLine[] = wait ? [['Goes', wait.why]] : [];
  return [...(to ? [to] : []), ...goes, ...spared(type, params, where), ...lines];
}

export function nounOf(type: string): string {
  return findActionType(type)?.noun ?? type;
}

/** Stands above what moved since an action was proposed. */
export const SINCE_WRITTEN = 'Since this was written';
const ALSO = 'Also changed since, in numbers and times that nothing here speaks of';

/** What moved since an action was proposed, for whoever decides on it. */
export function freshnessLines({ moved }: Pick<LocatedAction, 'moved'>): FormLine[] {
  const { changed_since, also_changed } = moved;
  const lines = movedInWords(changed_since).map((sentence) => onOneLine(sentence));
  return [
    ...(lines.length > 0 ? [[SINCE_WRITTEN, lines.join('\n')] satisfies FormLine] : []),
    ...(also_changed.length > 0 ? [[ALSO, onOneLine(movedNames(also_changed))] satisfies FormLine] : []),
  ];
}

/** An action for a form: what is told in short, and all of it, with our own lines before the long texts. */
export type FormAction = { to: string; about: string; lines: FormLine[] };

export function shownForForm(view: View, found: LocatedAction, doing: Doing): FormAction {
  const lines = actionLines(view, found, doing);
  const isShort = ([label]: FormLine) => ONE_LINE.includes(label);
  const short = lines.filter(isShort).map(([label, text]): FormLine => [label, onOneLine(text)]);
  const long = lines.filter((line) => !isShort(line));
  const [to, ...others] = short[0]?.[0] === 'To' ? short : [undefined, ...short];
  const about = short.find(([label]) => label === 'Subject') ?? long[0];
  const contact = contactName(scene(view, found));
  return {
    to: to ? `To: ${to[1]}` : `About: ${contact}`,
    about: about ? `${about[0]}: ${about[1]}` : '',
    lines: [
      ...(to ? [to] : []),
      ['Contact', contact],
      ['Proposed by agent', onOneLine(found.agent.name)],
      ...freshnessLines(found),
      ...rejectionLines(view, found.ref),
      ...others.filter((line) => line !== undefined),
      ...long,
    ],
  };
}

/** What each answer to a form means. It stands below everything else. */
export function choices(approve: string, reject: string): string {
  return laidOut([
    ['approve', approve],
    ['reject', reject],
    ['leave it waiting', 'nothing is decided.'],
  ]);
}

type Asked = { ask: string; beware?: FormLine[]; doing: Doing };

function oneAction(view: View, found: LocatedAction, { ask, beware = [], doing }: Asked) {
  const { to, about, lines } = shownForForm(view, found, doing);
  const means = choices('it happens once, exactly as shown here.', 'it does not happen.');
  const although = found.moved.changed_since.length > 0 ? ', although something changed since' : '';
  return {
    message: shortLines([
      `${ask} this ${nounOf(found.action.type)}${although}? Agent "${found.agent.name}"`,
      to,
      about,
    ]),
    text: `${laidOut([...beware, ...lines])}\n\n${means}`,
  };
}

/** The question before one action is approved, edited or as proposed; FORBIDDEN where a form is no sufficient proof. */
export async function approvalQuestion(house: House, args: ApproveArgs): Promise<Question & { digest: string }> {
  await expireDue(house);
  const offers = args.params && (await offersForEdit(house, args, args.params));
  return house.read((view, { now }) => {
    const found = locate(view, args);
    demandPending(view, found, args.expected_digest);
    const { action } = found;
    demandDecision(view, house.deps, found, { ...APPROVED, given: 'elicited' });
    const edit = args.params && edited(view, found, args.params, { offers, now });
    const { params, tool = action.pinned_tool } = edit ?? { params: effectiveParams(action) };
    demandEchoes(view, found, args, { params, tool });
    const beware: FormLine[] = args.params ? [['Edited', 'this is not what the agent proposed']] : [];
    const asked = { ask: args.params ? 'Approve, as edited,' : 'Approve', beware, doing: { params, tool, now } };
    return {
      ...oneAction(view, found, asked),
      binding: withMoved(actionDigest(action.type, params, scene(view, found), tool), found.moved.changed_since),
      digest: found.digest,
      ways: waysOf(house.deps, { at: found.ref }),
      needed: neededFor(view, house.deps.env, found),
    };
  });
}

/** The question before an unknown or failed attempt is repeated; FORBIDDEN where a form is no sufficient proof. */
export async function retryQuestion(
  house: House,
  ref: ActionRef & { expected_digest?: string | undefined },
): Promise<Question & { digest: string }> {
  return house.read((view, { now }) => {
    const found = locate(view, ref);
    demandRetryOf(view, found, ref.expected_digest);
    const { action } = found;
    demandDecision(view, house.deps, found, { ...REPEATED, given: 'elicited' });
    const doing = { params: effectiveParams(action), tool: action.pinned_tool, now };
    const mayHaveHappened = action.status === 'unknown';
    const first = mayHaveHappened ? 'it may have happened: then it would happen twice' : 'it failed';
    const ask = mayHaveHappened ? 'It may have happened already. Repeat' : 'It failed. Repeat';
    return {
      ...oneAction(view, found, { ask, beware: [['First attempt', first]], doing }),
      binding: found.digest,
      digest: found.digest,
      ways: waysOf(house.deps, { at: found.ref }),
      needed: neededFor(view, house.deps.env, found),
    };
  });
}
