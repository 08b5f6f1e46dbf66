import { AppError } from '../../domain/base/errors.ts';
import { visible } from '../../domain/text/visible.ts';
import { decideChange } from '../../engine/changes/decide.ts';
import { askedAgain } from '../../engine/changes/question.ts';
import { typesCode } from './code.ts';
import { type TableRow, table } from './layout.ts';
import type { Session } from './session.ts';
import { PersonLeft } from './terminal.ts';

type Shown = Awaited<ReturnType<typeof askedAgain>>;

function tell({ terminal }: Session, ...rows: TableRow[]): void {
  terminal.say(table(rows, terminal.width(), terminal.paint));
}

function show(session: Session, { lines, change }: Shown, place: string): void {
  const { terminal } = session;
  terminal.say(`\n${terminal.paint('bold', `Change ${place}`)}`);
  const asked: TableRow = ['Asked by', visible(`${change.asked_by}, at ${change.asked_at}`)];
  tell(session, ...lines.map(([label, text]): TableRow => [visible(label), visible(text)]), asked);
}

/** Decides on a change as it was shown. What has changed since is shown again instead. */
async function carryOut(session: Session, shown: Shown, decision: 'approve' | 'decline'): Promise<void> {
  const { house, by, terminal, counts } = session;
  const { id } = shown.change;
  if ((await askedAgain(house, id)).binding !== shown.binding) {
    tell(session, ['Changed', 'What it would allow has changed since it was shown, so nothing was decided.', 'yellow']);
    return;
  }
  const { told } = await decideChange(house, by, { change_id: id, decision, via: 'human' });
  counts[decision === 'approve' ? 'allowed' : 'declined'] += 1;
  terminal.say(`  ${decision === 'approve' ? 'Allowed' : 'Declined'}: ${visible(told)}.`);
}

async function choose(session: Session, shown: Shown): Promise<boolean> {
  const { terminal, skipped } = session;
  const { id } = shown.change;
  const names = ['allow', 'decline', 'skip', 'quit'];
  const menu = names.map((name) => `${terminal.paint('bold', `[${name.charAt(0)}]`)}${name.slice(1)}`).join('  ');
  const answer = (await terminal.ask(`  ${menu} > `)).toLowerCase();
  const chosen = answer === '' ? undefined : names.find((name) => name.startsWith(answer));
  if (chosen === 'quit') throw new PersonLeft(0);
  if (chosen === 'skip') skipped.add(id);
  if (chosen === 'decline') await carryOut(session, shown, 'decline');
  if (chosen === 'allow') {
    if (!(await typesCode(terminal))) return false;
    await carryOut(session, shown, 'approve');
  }
  return chosen !== undefined;
}

/** Shows one change that waits, whole, and has the person allow it, decline it or leave it. */
export async function decideNextChange(session: Session, changeId: string, place: string): Promise<void> {
  try {
    const shown = await askedAgain(session.house, changeId);
    show(session, shown, place);
    while (!(await choose(session, shown)));
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'STORE_ERROR') throw error;
    session.skipped.add(changeId);
    tell(session, ['Problem', visible(error.message), 'red']);
  }
}
