import { HALF_A_CHARACTER, halvedAt } from '../domain/base/json.ts';
import type { ActionType } from './action.ts';

/** What is wrong with an action's params, and where, such as `params.subject`. */
export type ParamsProblem = { path: string; message: string };

/**
 * Why params aren't those of an action of a type: none where they are. Whoever proposes or edits, and the attempt itself,
 * asks here. Half a character is refused in params of every type, because what goes out would be another text than the
 * one that was shown.
 */
export function paramsProblems({ params }: ActionType, given: Record<string, unknown>): ParamsProblem[] {
  const shape = params.safeParse(given);
  if (!shape.success)
    return shape.error.issues.map(({ path, message }) => ({
      path: ['params', ...path.map(String)].join('.'),
      message,
    }));
  const halved = halvedAt(given, 'params');
  return halved === undefined ? [] : [{ path: halved, message: HALF_A_CHARACTER }];
}
