import type { Agent } from '../../domain/agents/agent.ts';
import type { Rule } from '../../domain/agents/rule.ts';
import type { Run } from '../../domain/runs/run.ts';
import type { View } from '../../domain/state/view.ts';
import { holdsWords, textsIn, wordsOf } from '../../domain/text/words.ts';
import { compileAgain } from '../../evaluators/rule-again.ts';

/** A value of fewer characters stands in too many texts to tell that one of them speaks of it. */
const SHORTEST_VALUE = 3;

/** A function that works out its value at the first call for a key, and keeps it. */
function once<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const found = made.get(key);
    if (found !== undefined) return found;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}

/** Whether an agent's filter, rules, templates or playbook speak of a field. Read at the first question only. */
export function agentWords({ monitoring, playbook }: Agent): (field: string) => boolean {
  const { playbook_md, rules, config } = playbook;
  let words: string | undefined;
  return once((field: string) => {
    words ??= wordsOf(textsIn([playbook_md, monitoring.filter, rules, config]));
    return holdsWords(words, field);
  });
}

/** What is worked out once for a look at many actions: agents' versions, their words, and their rules' conditions. */
export type Comparer = {
  /** The agent in the version that a run evaluated with; undefined where it was deleted. */
  agentOf: (run: Run) => Agent | undefined;
  names: (agent: Agent, field: string) => boolean;
  /** A rule of an agent, to be looked at again. */
  holds: (agent: Agent, rule: Rule) => ReturnType<typeof compileAgain>;
  /** Whether params speak of a field, or hold the value that it had. */
  spokenBy: (...params: Record<string, unknown>[]) => (field: string, before: unknown) => boolean;
};

export function comparerOf(view: View): Comparer {
  const words = once(agentWords);
  const again = once(({ playbook: { config } }: Agent) => once((rule: Rule) => compileAgain(rule, config)));
  const versions = once(
    (key: string) => new Map(view.agentFile(key).versions.map((agent) => [agent.version, agent] as const)),
  );
  return {
    agentOf: ({ agent_id, agent_version }) => versions(agent_id).get(agent_version),
    names: (agent, field) => words(agent)(field),
    holds: (agent, rule) => again(agent)(rule),
    spokenBy: (...params) => {
      let said: string | undefined;
      return (field, before) => {
        said ??= wordsOf(textsIn(params));
        const value = textsIn(before);
        return holdsWords(said, field) || (value.length >= SHORTEST_VALUE && holdsWords(said, value));
      };
    },
  };
}
