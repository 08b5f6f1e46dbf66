import type { Agent } from '../../domain/agents/agent.ts';
import { recentActions } from '../../domain/contacts/profile.ts';
import type { NotCarried } from '../../domain/dialects/mapping/dialect.ts';
import { picturedFor, readsOf, type TestCase } from '../../domain/dialects/test-set.ts';
import type { Action, ContactResult, Run } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import type { House } from '../base/house.ts';

/** The most decisions that an export holds, the newest ones. */
const MOST_CASES = 500;
const BY_PERSON: ReadonlySet<string> = new Set(['client', 'elicited', 'human', 'signed']);

/** A decision of a person on an action, and where its evaluation is found. */
type DecidedByPerson = {
  run: Run;
  result: ContactResult;
  action: Action;
  decided_at: string;
  as_of: number | undefined;
};

function decidedIn(view: View, run: Run): DecidedByPerson[] {
  const found: DecidedByPerson[] = [];
  for (const result of view.results(run.id).results.values())
    for (const action of result.proposed_actions) {
      const { decided_via, decided_at, status } = action;
      if (decided_at === undefined || decided_via === undefined || !BY_PERSON.has(decided_via)) continue;
      if (status === 'pending_approval' || status === 'cancelled') continue;
      found.push({ run, result, action, decided_at, as_of: action.as_of ?? result.as_of });
    }
  return found;
}

/** The newest decisions of people on an agent's actions. It looks at one run at a time, so that other calls get their turn. */
async function newestDecisions(house: House, agentId: string): Promise<DecidedByPerson[]> {
  const runs = await house.read((view) => view.runsOf(agentId).filter(({ dry_run }) => !dry_run));
  const found: DecidedByPerson[] = [];
  for (const run of runs.toReversed()) {
    if (found.length >= MOST_CASES) break;
    found.push(...(await house.read((view) => decidedIn(view, run))));
  }
  return found.toSorted((a, b) => (a.decided_at < b.decided_at ? 1 : -1)).slice(0, MOST_CASES);
}

function outcomeFor({ status, edited_params }: Action): TestCase['decision'] {
  if (status === 'rejected') return 'rejected';
  return edited_params === undefined ? 'approved' : 'edited';
}

/** The name of the rule that proposed an action, in the version that did. */
function ruleOf(versions: readonly Agent[], { run, action }: DecidedByPerson): { rule?: string } {
  const version = versions.find((item) => item.version === run.agent_version);
  const rule = action.rule === undefined ? undefined : version?.playbook.rules[action.rule]?.name;
  return rule === undefined ? {} : { rule };
}

/**
 * What people decided on an agent's actions, newest first, as a test set: each decision with as much of its contact, as the
 * evaluation saw it, as the agent's filter and rules read.
 */
export async function testSetOf(
  house: House,
  { agent, versions }: { agent: Agent; versions: readonly Agent[] },
): Promise<{ decisions: TestCase[]; not_carried: NotCarried[] }> {
  const decided = await newestDecisions(house, agent.id);
  const dated = decided.flatMap((item) => (item.as_of === undefined ? [] : [{ ...item, as_of: item.as_of }]));
  const seen = await house.store.asOf(
    dated.map(({ as_of, result }) => ({ commit: as_of, contact_id: result.contact_id })),
  );
  const reads = readsOf(agent);
  const decisions = dated.flatMap((item, index): TestCase[] => {
    const then = seen[index];
    if (!then) return [];
    const { run, result, action } = item;
    const at = result.seen?.at ?? action.proposed_at;
    const { contact, activity, ledger } = then;
    const pictured = picturedFor(reads, { contact, events: activity.events, actions: recentActions(ledger), at });
    const { type } = action;
    return [
      { decision: outcomeFor(action), type, ...ruleOf(versions, item), version: run.agent_version, at, ...pictured },
    ];
  });
  const lost = decided.length - decisions.length;
  const why = `${lost} of ${decided.length} decisions are left out: their contact was erased, or nothing was kept of what the agent saw`;
  return { decisions, not_carried: lost > 0 ? [{ path: 'decisions', why }] : [] };
}
