import type { DeskPlace } from '../domain/base/desk.ts';
import { AppError } from '../domain/base/errors.ts';
import { isObject } from '../domain/base/json.ts';
import type { House } from '../engine/base/house.ts';
import type { WithNotice } from './define-tool.ts';

const IS_OPEN =
  'The desk is open in the person’s browser, with what waits for them: tell them to look there. Nothing more is to be called for it.';

/** The row that a call or a part of a result names; undefined where it names none. */
function rowIn(named: unknown): DeskPlace | undefined {
  if (!isObject(named)) return undefined;
  const { run_id, contact_id, action_index } = named;
  if (typeof run_id !== 'string' || typeof contact_id !== 'string' || typeof action_index !== 'number')
    return undefined;
  return { run_id, contact_id, action_index };
}

/** What waits for the person because a proof fell short, and where; undefined where none did. */
type Short = { at: DeskPlace | undefined };

function shortIn({ code, details }: AppError, args: unknown): Short | undefined {
  if (code !== 'FORBIDDEN' || typeof details?.needed !== 'string') return undefined;
  // A person who was asked by a form, and gave no yes, isn't asked once more in another window.
  if (details.needed === 'elicited' && details.given === 'none') return undefined;
  const { change_id } = details;
  return { at: typeof change_id === 'string' ? { change_id } : rowIn(args) };
}

/** The first of the rows that a bulk decision skipped because they take more than it had. */
function shortOf({ skipped }: Record<string, unknown>): Short | undefined {
  const rows = Array.isArray(skipped) ? skipped : [];
  const row = rows.find((each) => isObject(each) && each.needed !== undefined);
  return row && { at: rowIn(row) };
}

/**
 * Opens the desk where a decision falls short of proof, and says so in the result. The link that the browser gets is in
 * none: whoever reads a result could decide by it.
 */
export function createDeskNotice({ deps }: Pick<House, 'deps'>): WithNotice {
  const { desk } = deps;
  if (desk === undefined) return (_tool, _args, work) => work();
  return async (_tool, args, work) => {
    try {
      const result = await work();
      const short = shortOf(result);
      if (short === undefined || !(await desk.offer(short.at))) return result;
      const { next } = result;
      return { ...result, next: `${typeof next === 'string' ? `${next} ` : ''}${IS_OPEN}` };
    } catch (error) {
      const short = error instanceof AppError ? shortIn(error, args) : undefined;
      if (!(error instanceof AppError) || short === undefined || !(await desk.offer(short.at))) throw error;
      throw new AppError(error.code, `${error.message} ${IS_OPEN}`, { ...error.details, desk_open: true });
    }
  };
}
