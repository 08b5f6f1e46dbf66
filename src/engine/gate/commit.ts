import { type Author, PRODUCT } from '../../domain/base/author.ts';
import type { Deps } from '../../domain/base/deps.ts';
import { conflict } from '../../domain/base/errors.ts';
import { withChecks } from '../../domain/base/schema-check.ts';
import type { View } from '../../domain/state/view.ts';
import { type Decision, type StepBack, SteppedBack, type Store } from '../../store/store.ts';
import type { House } from '../base/house.ts';
import { drawMoment, type Moment } from '../base/moment.ts';
import { logEvents } from './decision-log.ts';
import { demandLawful } from './lock.ts';
import { endedTrust, standingEvents } from './standing.ts';

/**
 * Holds a decision against the lock, and adds to its events what it does to permissions, and the decision log's entries.
 */
function sealed<T>(view: View, decision: Decision<T>, author: Author, moment: Moment): Decision<T> {
  demandLawful(view, decision.events, author, moment);
  const ended = endedTrust(view, decision.events);
  const added = [
    ...ended,
    ...standingEvents(view, decision.events, author, moment),
    ...logEvents(view, [...decision.events, ...ended], author, moment),
  ];
  return added.length === 0 ? decision : { ...decision, events: [...decision.events, ...added] };
}

/** What follows from a step back: a decision on the state as it is now. */
export type AfterStepBack = (view: View, moment: Moment, back: StepBack) => Decision<unknown>;
export type GuardTerms = { afterStepBack: AfterStepBack; isReadOnly: boolean };

/** A call that came from somebody who had seen what is lost: they look again, before anything is done. */
const restoredMeanwhile = () =>
  conflict(
    'The database was restored from an older state, so nothing of this call was done. The brake was put on, and everything that is open waits for a person again, each row with that reason. Look at it anew.',
  );

/** Makes the one commit that follows from a step back, however many calls of this process have noticed it. */
function stepBackHandler(store: Store, deps: Deps, afterStepBack: AfterStepBack): () => Promise<void> {
  let under: Promise<void> | undefined;
  const handle = async () => {
    const back = store.stepBack();
    if (!back) return;
    const { moment, restart } = drawMoment(deps, store.holder);
    await withChecks(() =>
      store.acceptOlder(PRODUCT, back, (view) => {
        restart();
        return sealed(view, afterStepBack(view, moment, back), PRODUCT, moment);
      }),
    );
    deps.log.warn(
      { lost: back.lost.map(({ n }) => n) },
      'the database was restored from an older state: the brake is on, and everything open was handed to a person',
    );
  };
  return () => {
    under ??= handle().finally(() => {
      under = undefined;
    });
    return under;
  };
}

/**
 * The only ways in which the engine reads and changes state: it never gets the store's own `read` and `commit`. A look or
 * decision that needs the check of a schema runs again once the check is made. Where the state turns out to be older than what this
 * process has seen, what follows from that is committed before anything else.
 */
export function guardStore(store: Store, deps: Deps, terms: GuardTerms): Pick<House, 'read' | 'commit'> {
  const handle = stepBackHandler(store, deps, terms.afterStepBack);
  return {
    async read(look) {
      for (;;) {
        const { moment, restart } = drawMoment(deps, store.holder);
        const isCurrent = () => terms.isReadOnly || !store.stepBack();
        try {
          const value = await withChecks(() =>
            store.read((view) => {
              restart();
              return look(view, moment);
            }),
          );
          if (isCurrent()) return value;
        } catch (error) {
          if (isCurrent()) throw error;
        }
        await handle();
      }
    },
    async commit(author, decide) {
      const { moment, restart } = drawMoment(deps, store.holder);
      try {
        return await withChecks(() =>
          store.commit(author, (view) => {
            restart();
            return sealed(view, decide(view, moment), author, moment);
          }),
        );
      } catch (error) {
        if (terms.isReadOnly || !(error instanceof SteppedBack)) throw error;
        await handle();
        throw restoredMeanwhile();
      }
    },
  };
}
