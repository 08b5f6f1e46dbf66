import { parseArgs } from 'node:util';
import { refKey } from '../domain/state/state.ts';
import { visible } from '../domain/text/visible.ts';
import { findAgent } from '../engine/base/lookup.ts';
import { changesThatWait } from '../engine/changes/list.ts';
import { askForOldGrants } from '../engine/changes/old-grants.ts';
import { brakeSentence } from '../engine/gate/brake.ts';
import { queueOf } from '../engine/review/dossier.ts';
import type { PendingFilter } from '../engine/review/pending.ts';
import { dataPlace } from '../process/database.ts';
import type { Settings } from '../process/environment.ts';
import { atTerminal, commandAuthor } from './at-terminal.ts';
import { decideNextChange } from './review/change.ts';
import { decideNext } from './review/decide.ts';
import type { Session } from './review/session.ts';
import { PersonLeft } from './review/terminal.ts';

const OPTIONS = { agent: { type: 'string' }, run: { type: 'string' } } as const;
const USAGE = 'It takes --agent NAME_OR_ID and --run RUN_ID.';
const REVIEW = { name: 'review', nothing: 'Nothing was decided.' };

function filterOf(args: readonly string[]): PendingFilter | string {
  try {
    const { agent, run } = parseArgs({ args: [...args], options: OPTIONS }).values;
    return { agent_id: agent, run_id: run };
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)} ${USAGE}`;
  }
}

/** Has the person at the terminal decide on what waits, one action at a time. Returns the exit code. */
export async function review(
  settings: Settings,
  args: readonly string[],
  tell: (text: string) => void,
): Promise<number> {
  const filter = filterOf(args);
  if (typeof filter === 'string') return atTerminal(REVIEW, settings, { problem: filter, tell }, async () => 1);
  return atTerminal(REVIEW, settings, { tell }, (house, terminal) => {
    const session: Session = {
      house,
      by: commandAuthor(REVIEW.name),
      terminal,
      drafts: new Map(),
      skipped: new Set(),
      counts: { approved: 0, rejected: 0, settled: 0, returned: 0, allowed: 0, declined: 0 },
    };
    return workThrough(session, filter, dataPlace(settings));
  });
}

/** The changes that wait, oldest first. A run has none: then only its actions are asked for. */
async function changesOf({ house }: Session, filter: PendingFilter): Promise<string[]> {
  if (filter.run_id !== undefined) return [];
  return house.read((view, moment) => {
    const agentId = filter.agent_id === undefined ? undefined : findAgent(view, filter.agent_id).id;
    return changesThatWait(view, moment, agentId)
      .map(({ id }) => id)
      .reverse();
  });
}

async function workThroughChanges(session: Session, filter: PendingFilter): Promise<void> {
  const { skipped, counts } = session;
  for (;;) {
    const changes = await changesOf(session, filter);
    const next = changes.find((id) => !skipped.has(id));
    if (next === undefined) return;
    const done = counts.allowed + counts.declined;
    const left = changes.filter((id) => skipped.has(id)).length;
    await decideNextChange(session, next, `${done + left + 1} of ${done + changes.length}`);
  }
}

async function workThroughActions(session: Session, filter: PendingFilter): Promise<void> {
  const { house, skipped, counts } = session;
  for (;;) {
    const queue = await queueOf(house, filter);
    const next = queue.find((ref) => !skipped.has(refKey(ref)));
    if (!next) return;
    const done = counts.approved + counts.rejected + counts.settled + counts.returned;
    const left = queue.filter((ref) => skipped.has(refKey(ref))).length;
    await decideNext(session, next, `${done + left + 1} of ${done + queue.length}`);
  }
}

/** How much waits, in words: actions, and changes where there are some. */
async function waitingIn(session: Session, filter: PendingFilter): Promise<{ total: number; words: string }> {
  const actions = (await queueOf(session.house, filter)).length;
  const changes = (await changesOf(session, filter)).length;
  const more = changes === 0 ? '' : `${changes} ${changes === 1 ? 'change' : 'changes'}`;
  const words = [...(actions > 0 || changes === 0 ? [`${actions}`] : []), ...(more === '' ? [] : [more])];
  return { total: actions + changes, words: words.join(' and ') };
}

async function workThrough(session: Session, filter: PendingFilter, place: string): Promise<number> {
  const { terminal, skipped, counts, house } = session;
  await askForOldGrants(house);
  const { total, words } = await waitingIn(session, filter);
  const brake = await house.read((view) => view.brake());
  if (brake.on)
    terminal.say(visible(`${brakeSentence(brake)}: what you approve waits. Take it off with countersign resume.`));
  terminal.say(`${total === 0 ? 'Nothing waits' : `${words} waiting`} in ${visible(place)}`);
  if (total === 0) return 0;
  let code = 0;
  try {
    await workThroughChanges(session, filter);
    await workThroughActions(session, filter);
  } catch (error) {
    if (!(error instanceof PersonLeft)) throw error;
    code = error.code;
  }
  const settled = counts.settled > 0 ? `settled ${counts.settled}, ` : '';
  const returned = counts.returned > 0 ? `sent back ${counts.returned}, ` : '';
  const changed = counts.allowed + counts.declined;
  const changes = changed > 0 ? `changes allowed ${counts.allowed}, declined ${counts.declined}, ` : '';
  terminal.say(
    `\napproved ${counts.approved}, rejected ${counts.rejected}, ${settled}${returned}${changes}skipped ${skipped.size}, still waiting ${(await waitingIn(session, filter)).words}`,
  );
  return code;
}
