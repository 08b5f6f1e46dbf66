import { agentArgs, countersign, temporaryFolder, using } from '../homes.mjs';
import { interleaved, timed } from '../measure.mjs';

const EVALUATIONS = 200;
const DECISIONS = 10_000;
/** By these every second note would not be proposed again. */
const EVEN = [
  {
    name: 'even',
    when: { contact: { even: true } },
    propose: [{ type: 'note', params: { body: 'Call {{ contact.id }}: {{ contact.TotalVisits }} visits.' } }],
  },
];
const row = (figure, means, ms, limit) => ({ figure, means, value: ms, unit: 'ms', atMost: limit });

/** An agent by rules in a home of so many contacts, with a decision on its note for each of them. */
async function decidedOn(server, count) {
  const contacts = Array.from({ length: count }, (_, n) => ({ id: `d${n}`, TotalVisits: n, even: n % 2 === 0 }));
  await server.call('import_contacts', { contacts });
  const { agent } = await server.call('create_agent', {
    ...agentArgs(0),
    monitoring: { max_contacts_per_run: count },
  });
  await server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
  for (let left = count, page = 0; left > 0; page++) {
    const { review_token } = await server.call('list_pending_actions', { detail: 'brief', limit: 1_000 });
    const said = page % 2 === 0 ? { decision: 'approve' } : { decision: 'reject', reason: `Not in week ${page % 20}` };
    left -= (await server.call('review_actions', { ...said, review_token })).decided;
  }
  return agent.id;
}

/** A backtest by rules over 200 evaluations: step 0, the draft, and every result on the disk. */
export async function backtest() {
  const ms = await using(countersign(temporaryFolder('backtest')), async (server) => {
    const agent_id = await decidedOn(server, EVALUATIONS);
    const args = { agent_id, changes: { playbook: { rules: EVEN } }, wait_seconds: 30 };
    return interleaved({ test: () => timed(() => server.call('backtest_agent', args)) });
  });
  return [row('backtest by rules', `${EVALUATIONS} evaluations, with step 0, results on the disk`, ms.test, 2_000)];
}

/** The slowest of calls that are made one after the other until `work` is over, in ms. */
async function slowestBeside(server, work) {
  let isOver = false;
  const done = work().finally(() => {
    isOver = true;
  });
  let slowest = 0;
  while (!isOver) slowest = Math.max(slowest, await timed(() => server.call('list_agents', { limit: 1 })));
  await done;
  return slowest;
}

/** All figures of an agent with 10,000 decisions, after a commit; and what another call waits meanwhile. */
export async function insights() {
  const ms = await using(countersign(temporaryFolder('insights')), async (server) => {
    const agent_id = await decidedOn(server, DECISIONS);
    const read = async () => {
      await server.call('create_agent', agentArgs('of another commit'));
      return () => server.call('get_agent_insights', { agent_id, days: 'all' });
    };
    return interleaved({
      whole: async () => timed(await read()),
      beside: async () => slowestBeside(server, await read()),
    });
  });
  const means = `all figures of an agent with ${DECISIONS.toLocaleString('en-US')} decisions`;
  return [
    row('`get_agent_insights`', means, ms.whole, 300),
    row('beside `get_agent_insights`', `the slowest \`list_agents\` while it works, ${means}`, ms.beside, 50),
  ];
}
