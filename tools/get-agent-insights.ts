import { z } from 'zod';
import { PERIODS } from '../src/domain/learning/period.ts';
import {
  comparisonShape,
  driftShape,
  insightsMetricsShape,
  insightsSummaryShape,
  issueShape,
  learningStatusShape,
  periodShape,
  trustShape,
  versionFiguresShape,
} from '../src/engine/base/shown/insights.ts';
import { agentInsights } from '../src/engine/learning/insights.ts';
import { defineTool, READS } from '../src/mcp/define-tool.ts';
import { agentId } from '../src/mcp/fields.ts';

export const getAgentInsightsTool = defineTool({
  name: 'get_agent_insights',
  title: 'Get agent insights',
  description: 'What past decisions say of an agent: rates with n and interval, versions, why it was rejected, trust.',
  toolset: 'insights',
  scopes: ['agents:read'],
  hints: READS,
  input: z.strictObject({ agent_id: agentId, days: z.enum(PERIODS).optional() }),
  output: {
    agent_id: 'string',
    period: { one: periodShape },
    summary: { one: insightsSummaryShape },
    metrics: { one: insightsMetricsShape },
    versions: { many: versionFiguresShape },
    compare: { maybe: comparisonShape },
    drift: { maybe: driftShape },
    trust: { many: trustShape },
    top_issues: { many: issueShape },
    recommendations: 'array',
    status: { one: learningStatusShape },
  },
  resources: [
    {
      name: 'insights',
      title: 'Insights',
      uri: 'countersign://agents/{agent_id}/insights',
      description: 'What decisions of the last 30 days say of an agent, as get_agent_insights gives it',
    },
  ],
  handler: async ({ agent_id, days = '30' }, { house }) => agentInsights(house, agent_id, days),
});
