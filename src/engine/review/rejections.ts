import { rejectionsOf } from '../../domain/contacts/profile.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import { type FormLine, onOneLine } from '../../domain/text/form-lines.ts';
import { shownEntries } from '../../domain/visibility/hidden-entries.ts';
import { ledgerAt, sharing } from '../base/scene.ts';
import type { RejectionAsShown } from '../base/shown/action.ts';

/** So many rejections are shown beside an action, the newest ones. */
const MOST = 3;
const REASON_LENGTH = 200;
const HEADLINE_LENGTH = 100;

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
}

/** An action's params in a few words. */
export function headline(params: Record<string, unknown>): string {
  const { subject, body, message } = params;
  const text = [subject, body, message].find((item) => typeof item === 'string') ?? JSON.stringify(params);
  return cut(String(text), HEADLINE_LENGTH);
}

/** What people rejected or sent back for an action's contact, or its address, before: the newest, and how many. */
export function rejectedBefore(
  view: View,
  ref: ActionRef,
): { rejections?: RejectionAsShown[]; rejections_total?: number } {
  const contact = view.contact(ref.contact_id);
  const entries = contact ? ledgerAt(view, { contact, sharing: sharing(view, contact) }, ref) : [];
  const all = rejectionsOf(shownEntries(entries, view.shows));
  if (all.length === 0) return {};
  const rejections = all.slice(0, MOST).map(({ type, status, params, reason, at }) => ({
    type,
    ...(params === undefined ? { status } : { headline: headline(params) }),
    ...(reason === undefined ? {} : { reason: cut(reason, REASON_LENGTH) }),
    at,
  }));
  return { rejections, rejections_total: all.length };
}

/** The same for a form or a terminal, in one line each. */
export function rejectionLines(view: View, ref: ActionRef): FormLine[] {
  const { rejections = [], rejections_total = 0 } = rejectedBefore(view, ref);
  if (rejections.length === 0) return [];
  const lines = rejections.map(({ type, headline, reason, at }) =>
    onOneLine(
      `${at.slice(0, 10)} ${type}: ${headline ?? 'of another agent'}${reason === undefined ? '' : `; because: ${reason}`}`,
    ),
  );
  const more = rejections_total - rejections.length;
  return [['Rejected before', [...lines, ...(more > 0 ? [`and ${more} before that`] : [])].join('\n')]];
}
