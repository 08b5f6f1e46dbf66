import type { View } from '../../domain/state/view.ts';
import { type FormLine, LONGEST_FORM, laidOut } from '../../domain/text/form-lines.ts';
import { effectiveParams } from '../base/actions.ts';
import { type ProofTerms, waysInWords } from '../gate/ways.ts';
import type { LocatedAction } from './locate.ts';
import { choices, type FormAction, nounOf, shownForForm } from './questions.ts';

/** What each answer to a form with several rows means. It stands below them. */
export const MEANS = choices('all of these happen, each once, exactly as shown here.', 'none of these happens.');
export const BETWEEN = '\n\n';
/** What a form's text has room for beside its rows. */
export const ROWS_ROOM = LONGEST_FORM - BETWEEN.length - MEANS.length;

/** The longest place that a row may have in a form of any call. */
export const LAST_PLACE: [number, number] = [1_000, 1_000];

/** A row of a bulk decision as a form shows it, under its place among all: `2 of 8`. */
export type FormRow = { shown: FormAction; text: string };

/** A row as a form shows it; undefined where it is too long for any form. */
export function formRow(
  view: View,
  found: LocatedAction,
  [place, total]: [number, number],
  now?: Date,
): FormRow | undefined {
  const { action } = found;
  const shown = shownForForm(view, found, { params: effectiveParams(action), tool: action.pinned_tool, now });
  const heading: FormLine = [`${place} of ${total}`, nounOf(action.type)];
  const text = laidOut([heading, ...shown.lines]);
  return text.length > ROWS_ROOM ? undefined : { shown, text };
}

/** Why a row that is too long for a form was skipped, and where the person decides on it. */
export function tooLong(terms: ProofTerms): { reason: string; needed: 'human' } {
  const where = waysInWords(terms, 'human');
  return {
    reason: `it is too long for a form, which clients would cut, so you approve it where all of it is shown: ${where}`,
    needed: 'human',
  };
}
