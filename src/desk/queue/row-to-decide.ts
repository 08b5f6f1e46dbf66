import { digest } from '../../domain/base/digest.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import { refKey } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { effectiveParams } from '../../engine/base/actions.ts';
import type { Moment } from '../../engine/base/moment.ts';
import type { PendingAsShown } from '../../engine/base/shown/action.ts';
import { neededFor, type ProofLevel } from '../../engine/gate/proof.ts';
import type { LocatedAction } from '../../engine/review/locate.ts';
import { headline } from '../../engine/review/rejections.ts';
import { shownRow } from '../../engine/review/row.ts';

/** A row of the queue, before it gets its nonce. `hidden`: how many characters of it the list leaves out. */
export type RowToDecide = PendingAsShown & {
  needs: ProofLevel;
  headline: string;
  subject?: string;
  hidden?: number;
};

/** What a nonce for a row stands for: the action, what would be done, and the edit that was checked, where there is one. */
export function shownAs(ref: ActionRef, shown: string, params?: Record<string, unknown>): string {
  return JSON.stringify([refKey(ref), shown, ...(params ? [digest(params)] : [])]);
}

/** An action as the desk shows it, whole. */
export function rowToDecide(view: View, found: LocatedAction, { env, now }: Moment): RowToDecide {
  const params = effectiveParams(found.action);
  return {
    ...shownRow(view, found, 'full', now),
    needs: neededFor(view, env, found),
    headline: headline(params),
    ...(typeof params.subject === 'string' ? { subject: params.subject } : {}),
  };
}

/** The most characters of a row's texts in a list. */
const MOST_CHARACTERS = 12_000;

type Room = { left: number; hidden: number };

/** The end of a text's first characters that doesn't cut one in two. */
function cutAt(text: string, characters: number): string {
  return text.slice(0, characters).replace(/[\ud800-\udbff]$/, '');
}

/** A value with as much of its texts as there is room for. What has none is counted, and left out. */
function fitted(value: unknown, room: Room): unknown {
  if (typeof value === 'string') {
    const kept = cutAt(value, Math.max(0, room.left));
    room.left -= kept.length;
    room.hidden += value.length - kept.length;
    return kept === value ? value : `${kept}…`;
  }
  if (typeof value !== 'object' || value === null) return value;
  // Each field takes some room, so that very many small ones end, too.
  const entries = Object.entries(value).flatMap(([key, item]) => {
    room.left -= 10;
    if (room.left > 0) return [[key, fitted(item, room)] as const];
    room.hidden += JSON.stringify(item ?? null).length;
    return [];
  });
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

/** The parts of a row that may be long. */
const LONG = new Set([
  'params',
  'edited_params',
  'reasoning',
  'changed_since',
  'also_changed',
  'pinned_tool',
  'answers',
]);

/** A row as a list shows it: one that is very long without the rest of its texts, and with how much that is. */
export function shortRow(row: RowToDecide): RowToDecide {
  const room: Room = { left: MOST_CHARACTERS, hidden: 0 };
  const parts = Object.entries(row).filter(([name]) => LONG.has(name));
  const short = Object.fromEntries(parts.map(([name, value]) => [name, fitted(value, room)]));
  return room.hidden === 0 ? row : { ...row, ...short, hidden: room.hidden };
}
