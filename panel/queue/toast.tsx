import { visible } from '../../src/domain/text/visible.ts';
import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button, sign } from '../base/parts.tsx';
import { undo } from './decide.ts';

/** The last thing that happened, as screen readers hear it. It stays where it is, so that each change of it is read out. */
export function SaidAloud({ desk }: { desk: DeskApp }): Child {
  const { text, failed } = desk.state.said;
  return [
    <p class="unseen" role="status">
      {!failed && visible(text)}
    </p>,
    <p class="unseen" role="alert">
      {failed && visible(text)}
    </p>,
  ];
}

/** What was just decided, with the time that is left to undo it. */
function Going({ desk }: { desk: DeskApp }): Child {
  const { outgoing } = desk.state;
  const last = outgoing.at(-1);
  if (!last) return false;
  const left = Math.ceil((last.due - Date.now()) / 1_000);
  const before = outgoing.length > 1 && ` (and ${outgoing.length - 1} before)`;
  return (
    <div class="toast" key="going">
      {sign([visible(last.says), ', ', left > 0 ? `counts in ${left} s` : 'counting', before])}
      {left > 0 && (
        <Button act={() => undo(desk)} hint="z">
          Undo
        </Button>
      )}
    </div>
  );
}

/** What happened last, unless it is what goes out now, and below it what can be undone. It covers nothing: see where it stands. */
export function Toast({ desk }: { desk: DeskApp }): Child {
  const { outgoing, said } = desk.state;
  const { text, failed, isNews } = said;
  return (
    <div class="foot">
      {text && (isNews || outgoing.length === 0) && (
        <div class={failed ? 'toast failed' : 'toast'} key="said">
          {sign([failed && '⚠ ', visible(text)])}
          <Button act={() => desk.set({ said: { text: '', failed: false, isNews: false } })} look="quiet">
            Close
          </Button>
        </div>
      )}
      <Going desk={desk} />
    </div>
  );
}
