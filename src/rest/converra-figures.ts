import { z } from 'zod';
import { AGENT_STATUSES } from '../domain/agents/agent.ts';
import type { PeriodName } from '../domain/learning/period.ts';
import { ALL } from '../domain/state/queries.ts';
import type { House } from '../engine/base/house.ts';
import { findAgent } from '../engine/base/lookup.ts';
import { agentInsights } from '../engine/learning/insights.ts';

const figure = z.number().nullable();

/** What `GET /agents/:id/status` answers. A figure that rests on nothing is null. */
export function agentStatusShape() {
  return z.strictObject({
    id: z.string(),
    name: z.string(),
    status: z.enum(AGENT_STATUSES),
    optimizationState: z.string(),
    metrics: z.strictObject({ conversationCount: z.int(), taskCompletionRate: figure, avgSentiment: figure }),
    lastOptimized: z.string().nullable(),
  });
}

/** What `GET /agents/:id/insights` answers. A figure that rests on nothing is null. */
export function insightsShape() {
  return z.strictObject({
    agentId: z.string(),
    period: z.strictObject({
      days: z.union([z.int(), z.literal('all')]),
      from: z.string().nullable(),
      to: z.string(),
    }),
    summary: z.strictObject({
      totalConversations: z.int(),
      completedConversations: z.int(),
      abandonedConversations: z.int(),
      completionRate: figure,
    }),
    metrics: z.strictObject({
      taskCompletion: z.strictObject({ rate: figure, trend: z.string().nullable() }),
      sentiment: z.strictObject({
        average: figure,
        distribution: z.strictObject({ positive: figure, neutral: figure, negative: figure }),
      }),
      avgResponseTime: figure,
      avgConversationLength: figure,
    }),
    topIssues: z.array(z.strictObject({ issue: z.string(), frequency: z.int(), impact: z.string() })),
    recommendations: z.array(z.string()),
  });
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}

/** A share in per cent, with one place; null where there is nothing to share. */
function perCent(share: number | null): number | null {
  return share === null ? null : rounded(100 * share, 1);
}

/** A change of a share in points, with its sign; null where there is nothing to compare. */
function trendOf(change: number | null): string | null {
  return change === null ? null : `${change < 0 ? '' : '+'}${rounded(100 * change, 1)}%`;
}

/** An agent's status as Converra says it. */
export async function statusOfAgent(
  house: House,
  idOrName: string,
): Promise<z.infer<ReturnType<typeof agentStatusShape>>> {
  const { agent_id, status } = await agentInsights(house, idOrName, 'all');
  const { name, status: stands } = await house.read((view) => findAgent(view, agent_id));
  return {
    id: agent_id,
    name,
    status: stands,
    optimizationState: status.optimization_state,
    metrics: {
      conversationCount: status.conversation_count,
      taskCompletionRate: perCent(status.task_completion_rate),
      avgSentiment: status.avg_sentiment,
    },
    lastOptimized: status.last_optimized,
  };
}

/** When an agent's first conversation began; null where it has none. */
function firstConversation(house: House, agent_id: string): Promise<string | null> {
  return house.read((view) => {
    const begun = view.find.threads({ agent_id }, ALL).rows.map(({ created_at }) => created_at);
    return begun.sort()[0] ?? null;
  });
}

const NOBODY_SAID = { positive: null, neutral: null, negative: null };

/** What an agent did in a period, as Converra says it: by its conversations, and by what people rejected of its proposals. */
export async function insightsOf(
  house: House,
  idOrName: string,
  days: PeriodName,
): Promise<z.infer<ReturnType<typeof insightsShape>>> {
  const { agent_id, period, summary, metrics, top_issues, recommendations } = await agentInsights(
    house,
    idOrName,
    days,
  );
  const { task_completion, sentiment, avg_response_time, avg_conversation_length } = metrics;
  const from = days === 'all' ? await firstConversation(house, agent_id) : period.from;
  return {
    agentId: agent_id,
    period: { ...period, from },
    summary: {
      totalConversations: summary.total_conversations,
      completedConversations: summary.completed_conversations,
      abandonedConversations: summary.abandoned_conversations,
      completionRate: perCent(summary.completion_rate),
    },
    metrics: {
      taskCompletion: { rate: perCent(task_completion.rate), trend: trendOf(task_completion.trend) },
      sentiment: { average: sentiment.average, distribution: sentiment.distribution ?? NOBODY_SAID },
      avgResponseTime: avg_response_time,
      avgConversationLength: avg_conversation_length,
    },
    topIssues: top_issues.map(({ issue, frequency, impact }) => ({ issue, frequency, impact })),
    recommendations,
  };
}
