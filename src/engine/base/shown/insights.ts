import { z } from 'zod';

const figure = () => z.number().nullable();
const verdict = () => z.enum(['better', 'worse', "can't tell"]);

function trendedShape() {
  const trend = z.strictObject({ change: z.number(), low: z.number(), high: z.number() });
  return z.strictObject({ rate: figure(), n: z.int(), low: figure(), high: figure(), trend: trend.nullable() });
}

/** Counts of a period: `decisions` are approved, edited and rejected together; all behind those are in no rate. */
export function insightsSummaryShape() {
  return z.strictObject({
    total_conversations: z.int(),
    completed_conversations: z.int(),
    abandoned_conversations: z.int(),
    completion_rate: figure(),
    decisions: z.int(),
    by_proof: z.strictObject({ client: z.int(), elicited: z.int(), human: z.int(), signed: z.int() }),
    approved: z.int(),
    edited: z.int(),
    rejected: z.int(),
    expired: z.int(),
    cancelled: z.int(),
    blocked: z.int(),
    auto_approved: z.int(),
    executed: z.int(),
    failed: z.int(),
    unknown: z.int(),
  });
}

/** Figures of a period. One that rests on nothing is null. */
export function insightsMetricsShape() {
  const distribution = z.strictObject({ positive: z.int(), neutral: z.int(), negative: z.int() });
  return z.strictObject({
    task_completion: z.strictObject({ rate: figure(), trend: figure() }),
    sentiment: z.strictObject({
      average: figure(),
      distribution: distribution.nullable(),
      why: z.string().exactOptional(),
    }),
    avg_response_time: figure(),
    avg_conversation_length: figure(),
    approval_rate: trendedShape(),
    clean_rate: trendedShape(),
    edit_distance: z.strictObject({ median: figure(), share_over_20: figure(), n: z.int() }),
    time_to_decide: z.strictObject({ median_s: figure(), p90_s: figure(), n: z.int() }),
    cost_per_approved: z.strictObject({ usd: figure(), at_least_usd: z.number(), priced: z.int(), total: z.int() }),
    /** What models cost on this day and in this month (UTC), and the caps that are set beyond one run. */
    spent: z.strictObject({
      today_usd: z.number(),
      month_usd: z.number(),
      caps: z.array(z.strictObject({ name: z.string(), cap: z.number(), spent: z.number() })),
    }),
    blocked_by: z.array(z.strictObject({ reason: z.string(), n: z.int() })),
    oldest_pending_s: figure(),
  });
}

export function periodShape() {
  return z.strictObject({ days: z.union([z.int(), z.literal('all')]), from: z.string(), to: z.string() });
}

/** What one version came to, over all time; `low` and `high` are of its approval rate. */
export function versionFiguresShape() {
  return z.strictObject({
    version: z.int(),
    model: z.string(),
    n: z.int(),
    approval_rate: figure(),
    low: figure(),
    high: figure(),
    clean_rate: figure(),
  });
}

export function comparisonShape() {
  return z.strictObject({
    from: z.int(),
    to: z.int(),
    verdict: verdict(),
    difference: z.number(),
    low: z.number(),
    high: z.number(),
  });
}

export function driftShape() {
  const some = () => z.strictObject({ n: z.int(), rate: z.number() });
  return z.strictObject({
    verdict: verdict(),
    last: some(),
    before: some(),
    coincides_with: z.string().exactOptional(),
  });
}

export function trustShape() {
  return z.strictObject({
    type: z.string(),
    n: z.int(),
    misses: z.int(),
    needed: z.int(),
    offer: z.string().exactOptional(),
    granted: z.literal(true).exactOptional(),
  });
}

/** What rejections say alike; `issue` and `quotes` are people's own words. */
export function issueShape() {
  return z.strictObject({
    issue: z.string(),
    frequency: z.int(),
    impact: z.enum(['high', 'medium', 'low']),
    quotes: z.array(z.string()),
  });
}

export function learningStatusShape() {
  return z.strictObject({
    optimization_state: z.enum(['idle', 'backtesting']),
    last_optimized: z.string().nullable(),
    conversation_count: z.int(),
    task_completion_rate: figure(),
    avg_sentiment: figure(),
  });
}

/** All that is told of what an agent's decisions and conversations say. */
export type Insights = {
  agent_id: string;
  period: z.infer<ReturnType<typeof periodShape>>;
  summary: z.infer<ReturnType<typeof insightsSummaryShape>>;
  metrics: z.infer<ReturnType<typeof insightsMetricsShape>>;
  versions: z.infer<ReturnType<typeof versionFiguresShape>>[];
  compare: z.infer<ReturnType<typeof comparisonShape>> | null;
  drift: z.infer<ReturnType<typeof driftShape>> | null;
  trust: z.infer<ReturnType<typeof trustShape>>[];
  top_issues: z.infer<ReturnType<typeof issueShape>>[];
  recommendations: string[];
  status: z.infer<ReturnType<typeof learningStatusShape>>;
};
