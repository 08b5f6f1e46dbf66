import { z } from 'zod';
import { invalid } from '../domain/base/errors.ts';
import { isObject } from '../domain/base/json.ts';
import type { ActionRef } from '../domain/runs/run.ts';
import type { RestAsked } from './base/route.ts';

export const SUCCESS = { status: 'success' } as const;

/** The query of Pathbound's lists. */
export const pageQuery = {
  limit: z.int().min(1).max(100).default(20),
  offset: z.int().min(0).default(0),
};

/** What is wrong with a field, in `message`; or a fact such as the ways to decide, in `value`. */
function detailShape() {
  return z.strictObject({ path: z.string(), message: z.string().exactOptional(), value: z.unknown().exactOptional() });
}

/** The body of every error of Pathbound's. */
export function pathboundError() {
  return z.strictObject({
    status: z.literal('error'),
    error: z.string(),
    details: z.array(detailShape()),
    timestamp: z.string(),
  });
}

/** The details of an error as a list: an entry for each field at fault, and for each fact. */
export function errorDetails(details: unknown): z.infer<ReturnType<typeof detailShape>>[] {
  if (!isObject(details)) return [];
  return Object.entries(details)
    .filter(([, value]) => value !== undefined)
    .map(([path, value]) => (typeof value === 'string' ? { path, message: value } : { path, value }));
}

export const digestField = z.string().min(1).max(200).exactOptional();
/** The digest, and the contact where its id can't stand in a path: one that holds `/` or `\`. */
export const decisionQuery = z.strictObject({
  expected_digest: digestField,
  contact_id: z.string().min(1).exactOptional(),
});
/** What stands in a path for the contact that the query names. No contact has this id: imports take it for none. */
const IN_QUERY = '-';

type Addressed = Pick<RestAsked<z.infer<typeof decisionQuery>, unknown>, 'params' | 'query'>;

/** The address of the action that a path names, or the path and the query together. */
export function addressedAction({
  params: { runId = '', contactId = '', actionIndex = '' },
  query,
}: Addressed): ActionRef {
  const { contact_id = contactId } = query;
  if (!/^\d{1,6}$/.test(actionIndex))
    throw invalid('The index of an action is a number from 0, as GET of the run shows it in action_index.', {
      actionIndex: 'no number',
    });
  if (contactId !== contact_id && contactId !== IN_QUERY)
    throw invalid(
      `The path and the query name different contacts. Put ${IN_QUERY} into the path, or leave contact_id out.`,
      {
        contact_id: 'another contact than in the path',
      },
    );
  return { run_id: runId, contact_id, action_index: Number(actionIndex) };
}
