import type { Agent, AgentChanges } from '../../domain/agents/agent.ts';
import { modelProvider } from '../../domain/agents/model-access.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import { invalid } from '../../domain/base/errors.ts';
import type { BacktestPlan } from '../../domain/runs/replay.ts';
import { emptySummary, type Run } from '../../domain/runs/run.ts';
import { planFor } from '../backtest/cohort.ts';
import { cohortOf } from '../backtest/outcome.ts';
import { canAsk } from '../backtest/replay.ts';
import { versionThen } from '../backtest/step-zero.ts';
import type { House } from '../base/house.ts';
import { findAgent, findRun } from '../base/lookup.ts';
import type { Moment } from '../base/moment.ts';
import type { BacktestAsShown } from '../base/shown/backtest.ts';
import { demandReleased } from '../gate/brake.ts';
import { demandMoney } from '../money/caps.ts';
import { expectedRunCost } from '../money/means.ts';
import { demandProvider } from '../money/model-check.ts';
import { startRun } from '../runs/run-loop.ts';
import { loadCronProblem } from './check.ts';
import { demandOutputSchema } from './output-schema.ts';
import { versionOf } from './read.ts';
import { updated } from './save.ts';

export type BacktestArgs = {
  agent_id: string;
  version?: number | undefined;
  changes?: AgentChanges | undefined;
  limit?: number | undefined;
};

const USUAL = 200;

/** What is replayed: a version, or the newest one with changes that nobody saved. */
type Candidate = { agent: Agent; version: number; isDraft: boolean };

async function candidateOf(house: House, { agent_id, version, changes }: BacktestArgs): Promise<Candidate> {
  if (version !== undefined && changes !== undefined)
    throw invalid('Give version or changes, not both: changes are made to the newest version.', {
      changes: 'version is there too',
    });
  const cronProblem = await loadCronProblem(house);
  await demandOutputSchema(house.deps, changes?.output_schema);
  return house.read((view, moment) => {
    const current = findAgent(view, agent_id);
    if (changes === undefined) {
      const agent = version === undefined ? current : versionOf(view, current, version);
      return { agent, version: agent.version, isDraft: false };
    }
    const agent = updated(view, current, { changes, clear: [] }, { ...moment, cronProblem });
    return { agent, version: current.version, isDraft: true };
  });
}

/**
 * USD that a backtest is likely to cost: what the agent's earlier evaluations cost, for the candidate, and for step 0 where
 * the version of then is asked once more.
 */
function expectedOf(house: House, { agent, evaluations }: BacktestPlan): Promise<number | null> {
  if (!modelProvider(agent)) return Promise.resolve(0);
  return house.read((view, moment) => {
    const { versions } = view.agentFile(agent.id);
    const asked = evaluations.filter((each) => {
      const then = versionThen(view, versions, each);
      return then !== undefined && modelProvider(then) !== undefined && canAsk(then, agent);
    });
    return expectedRunCost(moment, view, agent, evaluations.length + asked.length) ?? null;
  });
}

/** Whom a backtest would be over and what it would cost: nobody is asked, and nothing is written. */
export async function expectBacktest(
  house: House,
  args: BacktestArgs,
): Promise<{ agent_id: string; cohort: BacktestAsShown['cohort']; expected_cost_usd: number | null }> {
  const candidate = await candidateOf(house, args);
  const plan = await planFor(house, { ...candidate, limit: args.limit ?? USUAL });
  return { agent_id: candidate.agent.id, cohort: cohortOf(plan), expected_cost_usd: await expectedOf(house, plan) };
}

function newBacktest(moment: Moment, by: Author, plan: BacktestPlan, expected: number | null): Run {
  const contacts = new Set(plan.evaluations.map(({ contact_id }) => contact_id)).size;
  return {
    id: moment.newId('run'),
    job_id: moment.newId('job'),
    agent_id: plan.agent.id,
    agent_version: plan.version,
    status: 'queued',
    trigger: 'backtest',
    dry_run: true,
    created_at: moment.at,
    created_by: nameOf(by),
    ...(expected === null ? {} : { expected_cost_usd: expected }),
    summary: { ...emptySummary(), contacts_targeted: contacts },
  };
}

/** Makes a backtest, and begins it. The agent stays as it is. */
export async function beginBacktest(house: House, by: Author, args: BacktestArgs): Promise<Run> {
  const candidate = await candidateOf(house, args);
  const plan = await planFor(house, { ...candidate, limit: args.limit ?? USUAL });
  const expected = await expectedOf(house, plan);
  const run = await house.commit(by, (view, moment) => {
    findAgent(view, candidate.agent.id);
    demandReleased(view, 'No backtest begins');
    demandProvider(view, moment, plan.agent);
    demandMoney(view, moment, plan.agent, 'No backtest begins');
    const made = newBacktest(moment, by, plan, expected);
    const contact_ids = [...new Set(plan.evaluations.map(({ contact_id }) => contact_id))];
    return { events: [{ type: 'run_created', run: made, contact_ids, backtest: plan }], value: made };
  });
  startRun(house, run.id);
  return run;
}

/** The id of a backtest that was begun before; VALIDATION_ERROR for another run. */
export function demandBacktest(house: House, agentId: string, runId: string): Promise<string> {
  return house.read((view) => {
    const [agent, run] = [findAgent(view, agentId), findRun(view, runId)];
    if (run.trigger === 'backtest' && run.agent_id === agent.id) return run.id;
    throw invalid(`Run ${run.id} is no backtest of agent ${agent.id}. get_run reads it.`, { run_id: 'no backtest' });
  });
}
