import { z } from 'zod';
import { AppError, conflict, invalid } from '../domain/base/errors.ts';
import { type ActionRef, RUN_STATUSES } from '../domain/runs/run.ts';
import { UNCUT } from '../engine/base/paging.ts';
import { actionShape } from '../engine/base/shown/action.ts';
import { errorShape } from '../engine/base/shown/fields.ts';
import { type RunAsShown, runShape } from '../engine/base/shown/run.ts';
import { approve } from '../engine/review/approve.ts';
import { readDecidable } from '../engine/review/pending.ts';
import { reject } from '../engine/review/reject.ts';
import { getRun, listRuns } from '../engine/runs/read.ts';
import { trigger } from '../engine/runs/trigger.ts';
import { type RestAsked, type Route, reading, taking } from './base/route.ts';
import { addressedAction, decisionQuery, digestField, pageQuery, SUCCESS } from './pathbound-shapes.ts';
import type { Readings } from './readings.ts';

/** The most results of one answer. */
const MOST_RESULTS = 25;
/** How long an approval waits for what comes of it, so that what is quick is already done in the answer. */
const WAIT_SECONDS = 1;

const NOTHING = z.strictObject({});
const approveBody = z.strictObject({
  expected_digest: digestField,
  params: z.record(z.string(), z.unknown()).exactOptional(),
  note: z.string().max(2000).exactOptional(),
});
const rejectBody = z.strictObject({ expected_digest: digestField, reason: z.string().max(2000).exactOptional() });

function countsShape() {
  return z.strictObject({
    contacts_evaluated: z.int(),
    actions_proposed: z.int(),
    actions_auto_approved: z.int(),
    actions_pending_approval: z.int(),
    errors: z.int(),
  });
}

function runAnswer() {
  return z.strictObject({
    _id: z.string(),
    job_id: z.string(),
    agent_id: z.string(),
    status: z.enum(RUN_STATUSES),
    created_at: z.string(),
    started_at: z.string().nullable(),
    completed_at: z.string().nullable(),
    summary: countsShape(),
    error: errorShape().exactOptional(),
    contact_results: runShape().shape.contact_results,
  });
}

/** A run as Pathbound says it; `contact_results` where they were asked for. */
function runAsAnswer(run: RunAsShown): z.infer<ReturnType<typeof runAnswer>> {
  const { id, job_id, agent_id, status, created_at, started_at, completed_at, summary, error, contact_results } = run;
  return {
    _id: id,
    ...{ job_id, agent_id, status, created_at },
    started_at: started_at ?? null,
    completed_at: completed_at ?? null,
    summary: {
      contacts_evaluated: summary.contacts_evaluated,
      actions_proposed: summary.actions_proposed,
      actions_auto_approved: summary.actions_auto_approved,
      actions_pending_approval: summary.actions_pending_approval,
      errors: summary.errors,
    },
    ...(error ? { error } : {}),
    ...(contact_results ? { contact_results } : {}),
  };
}

const pageShape = { total: z.int(), limit: z.int(), offset: z.int() };

const RUNS: readonly Route[] = [
  taking({
    method: 'POST',
    path: '/agents/:id/trigger',
    summary: 'Trigger a run, for certain contacts or for those that the agent watches',
    tool: 'trigger_agent',
    scope: 'agents:trigger',
    query: NOTHING,
    body: z.strictObject({ contact_ids: z.array(z.string().min(1)).min(1).max(10_000).exactOptional() }),
    isOptional: true,
    answers: { 200: () => z.strictObject({ status: z.literal('success'), job_id: z.string() }) },
    async handle({ house, by, params: { id = '' }, body }) {
      const { job_id } = await trigger(house, by, { agent_id: id, ...body }, undefined);
      return { status: 200, body: { ...SUCCESS, job_id } };
    },
  }),
  reading({
    method: 'GET',
    path: '/agents/:id/runs',
    summary: 'List the runs of an agent',
    tool: 'list_runs',
    scope: 'agents:read',
    query: z.strictObject({ status: z.enum(RUN_STATUSES).exactOptional(), ...pageQuery }),
    answers: {
      200: () => z.strictObject({ status: z.literal('success'), runs: z.array(runAnswer()), ...pageShape }),
    },
    async handle({ house, params: { id = '' }, query: { limit, offset, status } }) {
      const { rows, total } = await listRuns(house, { agent_id: id, status }, { limit, offset, tokens: UNCUT });
      return { status: 200, body: { ...SUCCESS, runs: rows.map(runAsAnswer), total, limit, offset } };
    },
  }),
];

function getRunRoute(readings: Readings): Route {
  return reading({
    method: 'GET',
    path: '/agents/runs/:runId',
    summary: 'Get a run; in mode full with what it proposes for each contact, 25 contacts at most',
    tool: 'get_run',
    scope: 'agents:read',
    query: z.strictObject({
      mode: z.enum(['full', 'summary']).default('full'),
      contact_id: z.string().min(1).exactOptional(),
      limit: z.int().min(1).max(MOST_RESULTS).default(MOST_RESULTS),
      offset: z.int().min(0).default(0),
    }),
    answers: { 200: () => z.strictObject({ status: z.literal('success'), run: runAnswer(), ...pageShape }) },
    async handle({ house, caller, params: { runId = '' }, query: { limit, offset, ...query } }) {
      const { run, total } = await getRun(house, { run_id: runId, ...query }, { limit, offset, tokens: UNCUT });
      for (const { contact_id, proposed_actions } of run.contact_results ?? [])
        for (const { action_index, digest } of proposed_actions)
          readings.note(caller.key, { run_id: run.id, contact_id, action_index }, digest);
      return { status: 200, body: { ...SUCCESS, run: runAsAnswer(run), total, limit, offset } };
    },
  });
}

/** The digest that a request itself names, by its query or its body. */
function givenDigest({
  query,
  body,
}: Pick<RestAsked<{ expected_digest?: string }, { expected_digest?: string }>, 'query' | 'body'>): string | undefined {
  const [one, other] = [query.expected_digest, body.expected_digest];
  if (one !== undefined && other !== undefined && one !== other)
    throw invalid('The query and the body name different digests. Give expected_digest once.', {
      expected_digest: 'given twice',
    });
  return one ?? other;
}

/**
 * The digest that an approval is for: what the request names, else what its caller was shown of the action within the hour.
 *
 * @throws AppError CONFLICT with the action as it is now where two versions of it were shown, VALIDATION_ERROR for none
 */
async function decidedDigest(asked: Deciding, wanted: ActionRef, readings: Readings): Promise<string> {
  const { house, caller } = asked;
  const named = givenDigest(asked);
  if (named !== undefined) return named;
  const { ref, status, digest, row } = await readDecidable(house, wanted);
  // What is decided already is told as such, whatever was read of it.
  if (status !== 'pending_approval') return digest;
  const [shown, ...others] = readings.of(caller.key, ref);
  if (shown === undefined)
    throw invalid(
      `Nothing says what this approval is for. Read the action first (GET /agents/runs/${ref.run_id}), or give its digest as expected_digest, in the query or the body.`,
      { expected_digest: 'missing' },
    );
  if (others.length === 0) return shown;
  readings.only(caller.key, ref, digest);
  throw conflict(
    'This token read the action in two versions within the hour, so it is not clear which one this approval is for. Nothing was changed. The action in details is the action as it is now: look at it, then approve again, or name expected_digest.',
    { status, digest, action: row },
  );
}

type Deciding = RestAsked<z.infer<typeof decisionQuery>, z.infer<typeof approveBody>>;

/** Approves an action. Where it is a CONFLICT that shows the action as it is now, the caller has read it by that. */
async function approved(asked: Deciding, readings: Readings): Promise<Record<string, unknown>> {
  const { house, by, caller, body } = asked;
  const ref = addressedAction(asked);
  const expected_digest = await decidedDigest(asked, ref, readings);
  try {
    const args = { ...ref, expected_digest, params: body.params, note: body.note };
    return { ...SUCCESS, action: await approve(house, by, args, WAIT_SECONDS) };
  } catch (error) {
    if (error instanceof AppError && error.code === 'CONFLICT' && error.details?.action !== undefined) {
      const now = await readDecidable(house, ref);
      if (now.digest === error.details.digest) readings.note(caller.key, now.ref, now.digest);
    }
    throw error;
  }
}

function decisionRoutes(readings: Readings): Route[] {
  const path = '/agents/runs/:runId/contacts/:contactId/actions/:actionIndex';
  const answers = { 200: () => z.strictObject({ status: z.literal('success'), action: actionShape() }) };
  return [
    taking({
      method: 'POST',
      path: `${path}/approve`,
      summary: 'Approve a pending action; it is executed once',
      tool: 'approve_action',
      scope: 'agents:approve',
      query: decisionQuery,
      body: approveBody,
      isOptional: true,
      answers,
      handle: async (asked) => ({ status: 200, body: await approved(asked, readings) }),
    }),
    taking({
      method: 'POST',
      path: `${path}/reject`,
      summary: 'Reject a pending action; it will not happen',
      tool: 'reject_action',
      scope: 'agents:approve',
      query: decisionQuery,
      body: rejectBody,
      isOptional: true,
      answers,
      async handle(asked) {
        const { house, by, body } = asked;
        const named = { expected_digest: givenDigest(asked), reason: body.reason };
        return {
          status: 200,
          body: { ...SUCCESS, action: await reject(house, by, { ...addressedAction(asked), ...named }) },
        };
      },
    }),
  ];
}

/** Runs of Pathbound's agents, and the decisions on what they propose. */
export function pathboundRuns(readings: Readings): Route[] {
  return [...RUNS, getRunRoute(readings), ...decisionRoutes(readings)];
}
