import type { ActionScene, ActionType } from '../../actions/action.ts';
import { findActionType } from '../../actions/index.ts';
import type { PinnedTool } from '../../domain/agents/tool.ts';
import { headerId } from '../../domain/mail/threads/written-event.ts';
import type { LedgerEntry } from '../../domain/state/state.ts';
import { currentAgent, type View, wholeOf } from '../../domain/state/view.ts';
import { readAlike } from '../../domain/text/as-read.ts';
import { knownAlong, type ShowsAgent } from '../../domain/visibility/hidden-entries.ts';
import type { Proposal } from '../../evaluators/evaluator.ts';
import { recipientKey, recipientOf } from './digest.ts';

const DAY_MS = 86_400_000;

/** Statuses in which an action blocks an equal proposal. */
const BLOCKS_EQUAL: ReadonlySet<string> = new Set(['pending_approval', 'approved', 'executing', 'unknown']);
/** Statuses in which an equal action may have had its effect. */
const MAY_BE_DONE: ReadonlySet<string> = new Set(['executing', 'unknown']);

type Params = Record<string, unknown>;
/** What is proposed, or about to be done, in its scene; `tool` where it calls one. */
type Repeatable = Proposal & { scene: ActionScene; tool: PinnedTool | undefined };
/** The same, and whose doings its agent's audience may know. */
type Intended = Repeatable & { knows: ShowsAgent };

/** Params without the tool's name: a tool can be named in several ways, and stands in where the action goes. */
function saidIn({ pin }: Pick<ActionType, 'pin'>, params: Params): Params {
  if (!pin) return params;
  const { tool: _tool, ...others } = params;
  return others;
}

/** Where an action of an agent's goes as things stand; undefined where it goes nowhere, or the agent was deleted. */
function placeNow(view: View, { scene, type, tool }: Intended, agentId: string): string | undefined {
  const agent = currentAgent(view, agentId);
  return agent && recipientOf(type, { ...scene, agent }, tool);
}

/** Whether an entry's action goes, or went, to the same place. While it waits, it goes where it would go now. */
function goesTo(view: View, intended: Intended, place: string | undefined, entry: LedgerEntry): boolean {
  const { agent_id, status, to } = entry;
  const isOwn = agent_id === intended.scene.agent.id && intended.tool === undefined;
  const now = isOwn ? place : placeNow(view, { ...intended, tool: undefined }, agent_id);
  const own = status === 'pending_approval' ? (now ?? to) : (to ?? now);
  // What nobody can tell of a deleted agent's action counts as the same.
  return own === undefined && !view.agent(agent_id) ? true : isSamePlace(own, place);
}

function isSamePlace(one: string | undefined, other: string | undefined): boolean {
  if (one === other || one === undefined || other === undefined) return one === other;
  return recipientKey(one) === recipientKey(other);
}

/**
 * The entries whose action equals another: the same type and, as people read them, the same texts, as it was proposed or
 * as a person edited it, going to the same place. The same call of two servers' tools isn't one.
 */
function equalEntries(view: View, intended: Intended, entries: readonly LedgerEntry[]): LedgerEntry[] {
  const { scene, type, params } = intended;
  const known = findActionType(type);
  const same = entries.filter((entry) => entry.type === type);
  if (!known || same.length === 0) return [];
  const said = saidIn(known, params);
  const isAlike = (texts: Params | undefined) => texts !== undefined && readAlike(saidIn(known, texts), said);
  const alike = same.filter(({ params: texts, proposed_params }) => isAlike(texts) || isAlike(proposed_params));
  if (alike.length === 0) return [];
  const place = placeNow(view, intended, scene.agent.id);
  return alike.filter((entry) => goesTo(view, intended, place, entry));
}

/** Where an entry is from, for whoever reads the reason: the audience of the proposing agent may know its run, or not. */
function placeOf({ run_id, agent_id }: LedgerEntry, { knows }: Intended): string {
  return knows(agent_id) ? `run ${run_id}` : 'another agent';
}

/** Why an equal action stands in the way: its status is one of `blocking`, or it was executed in the last 30 days. */
function repeatProblem(
  entry: LedgerEntry,
  intended: Intended,
  blocking: ReadonlySet<string>,
  now: Date,
): string | undefined {
  const { status, at } = entry;
  const place = placeOf(entry, intended);
  if (blocking.has(status)) return `the same action is ${status} already (${place})`;
  if (status !== 'executed' || Date.parse(at) <= now.getTime() - 30 * DAY_MS) return undefined;
  return `the same action was executed at ${at} (${place})`;
}

/** Why an action that a person rejected or sent back stands in the way of an equal one. What they said of another's stays there. */
function refusedBefore({ status, reason, revised, agent_id }: LedgerEntry, { knows }: Intended): string | undefined {
  if (status !== 'rejected' && !revised) return undefined;
  const done = status === 'rejected' ? 'rejected the same action' : 'sent the same action back';
  if (!knows(agent_id)) return `a person ${done} (another agent)`;
  if (status === 'rejected') return `a person ${done}${reason ? `: "${reason}"` : ''}`;
  return `a person ${done}: "${reason ?? ''}"`;
}

/** The message that an action answers, by its id; undefined for what answers none. */
function answeredBy({ type, params }: Proposal): string | undefined {
  return headerId(findActionType(type)?.answers?.(params)?.id);
}

/**
 * Why a message isn't to be answered once more: several agents may see it, and its author gets one answer. A draft that
 * waits stands in the way of other agents' drafts alone; its own agent may replace it where something moved.
 */
function answeredAlready(
  intended: Intended,
  entries: readonly LedgerEntry[],
  blocking: ReadonlySet<string>,
): string | undefined {
  const id = answeredBy(intended);
  if (id === undefined) return undefined;
  const other = entries.find((entry) => {
    const isOwnDraft = entry.status === 'pending_approval' && entry.agent_id === intended.scene.agent.id;
    const stands = entry.status === 'executed' || blocking.has(entry.status);
    return stands && !isOwnDraft && answeredBy(entry) === id;
  });
  return other && `another answer to the same message is ${other.status} already (${placeOf(other, intended)})`;
}

function intending(view: View, asked: Repeatable): Intended {
  return { ...asked, knows: knownAlong(view, asked.scene.agent.id) };
}

/** Why a proposal repeats what waits, is under way, was done or was rejected; undefined where it doesn't. */
export function duplicate(
  view: View,
  asked: Repeatable,
  entries: readonly LedgerEntry[],
  now: Date,
): string | undefined {
  const intended = intending(view, asked);
  for (const entry of equalEntries(wholeOf(view), intended, entries)) {
    const problem = repeatProblem(entry, intended, BLOCKS_EQUAL, now) ?? refusedBefore(entry, intended);
    if (problem !== undefined) return problem;
  }
  return answeredAlready(intended, entries, BLOCKS_EQUAL);
}

/** Why an approved action would repeat what was done meanwhile, or may have been; undefined where it wouldn't. */
export function lateDuplicate(
  view: View,
  asked: Repeatable,
  entries: readonly LedgerEntry[],
  now: Date,
): string | undefined {
  const intended = intending(view, asked);
  const repeats = equalEntries(wholeOf(view), intended, entries).flatMap(
    (entry) => repeatProblem(entry, intended, MAY_BE_DONE, now) ?? [],
  );
  return repeats[0] ?? answeredAlready(intended, entries, MAY_BE_DONE);
}
