import type { View } from '../../domain/state/view.ts';
import type { LocatedAction } from '../review/locate.ts';
import { type Unrevisable, unrevisable } from './revise.ts';

const INSTEAD = 'edit it here, or reject it';

const WHY_NOT: Readonly<Record<Unrevisable | 'brake', string>> = {
  rule: `A rule proposed this, and a rule can't be told anything: ${INSTEAD}.`,
  chat: `This came from a chat, which takes nothing back: ${INSTEAD}.`,
  archived: `Its agent is archived, so nobody would write it anew: ${INSTEAD}.`,
  often: `Actions for this contact went back as often as they may in one run: ${INSTEAD}.`,
  brake: 'The brake is on, so nothing is written anew. Take it off with countersign resume first.',
};

/** Why an action can't be sent back, in words for the person; undefined where it can. */
export function whyNotSentBack(view: View, found: LocatedAction): string | undefined {
  const why = view.brake().on ? 'brake' : unrevisable(view, found);
  return why && WHY_NOT[why];
}
