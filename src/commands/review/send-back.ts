import type { ActionRef } from '../../domain/runs/run.ts';
import { refKey } from '../../domain/state/state.ts';
import { visible } from '../../domain/text/visible.ts';
import { locate } from '../../engine/review/locate.ts';
import { type Returned, revise } from '../../engine/runs/revise.ts';
import { whyNotSentBack } from '../../engine/runs/send-back-words.ts';
import { type Choice, LONGEST_TYPED, type Session, tellRow } from './session.ts';

/** How long the person waits for a model's new draft. After that it goes on in the background. */
const WAIT_SECONDS = 30;
/** What came of sending an action back, in words. */
function whatCame({ action, mind, isOpen, revision }: Returned): string {
  if (isOpen && mind === 'assistant')
    return 'Your assistant gets it with your words: ask it there to write anew what you sent back. Its draft then waits.';
  if (isOpen) return 'The model is asked by a server of your AI program. Its new draft comes up once it is there.';
  if (action.superseded_by === undefined) return 'Nothing new was proposed in its place.';
  return revision?.error
    ? `It could not be written anew (${visible(revision.error.message)}), so it waits again as it was.`
    : 'The new draft waits, and comes up.';
}

/** Why an action can't be sent back, in words for the person; undefined where it can. */
export async function whyNotBack({ house }: Session, ref: ActionRef): Promise<string | undefined> {
  return house.read((view) => whyNotSentBack(view, locate(view, ref)));
}

/** Sends the action that is shown back to whoever proposed it, with the person's words. */
export const sendBack: Choice = async (session, { ref, digest }) => {
  const { house, by, terminal, drafts, counts } = session;
  const why = await whyNotBack(session, ref);
  if (why !== undefined) {
    tellRow(session, ['Not possible', why, 'yellow']);
    return false;
  }
  const feedback = await terminal.ask('  How should it be? It goes back with your words (Enter to go back): ');
  if (feedback === '') return false;
  const said = { ...ref, feedback: feedback.slice(0, LONGEST_TYPED), expected_digest: digest };
  const wait = { seconds: WAIT_SECONDS, signal: new AbortController().signal };
  terminal.whenLeaving('  It is sent back. Ctrl-C again leaves at once: the new draft then comes later.');
  try {
    const came = await revise(house, by, { ...said, via: 'human', handsOver: true }, wait);
    drafts.delete(refKey(ref));
    counts.returned += 1;
    tellRow(session, ['Sent back', whatCame(came)]);
    return true;
  } finally {
    terminal.whenLeaving(undefined);
  }
};
