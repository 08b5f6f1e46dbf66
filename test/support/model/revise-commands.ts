import { revise } from '../../../src/engine/runs/revise.ts';
import { callerName, expectTold, type Manner, type Step, step } from './commands.ts';
import * as model from './decisions.ts';
import { type Pick, picked } from './review-commands.ts';

const AT_ONCE = { seconds: 0, signal: new AbortController().signal };

/** Sends an action back. Rules proposed it, so nobody can revise it: the call is refused, and the action stays. */
export function reviseOne(pick: Pick, manner: Manner): Step {
  return step(
    { revise: pick, ...manner },
    async (state, office) => {
      const action = picked(state, pick);
      if (!action) return;
      const by = callerName(state);
      const ref = { run_id: action.run.id, contact_id: action.contact, action_index: action.index };
      const args = { ...ref, feedback: `said ${by}` };
      const answer = await office.act(manner.place, (house) => revise(house, by, args, AT_ONCE), manner.mood);
      expectTold(answer, model.revise(state, action));
    },
    (state) => picked(state, pick) !== undefined,
  );
}
