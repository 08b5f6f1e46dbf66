import { visible } from '../../src/domain/text/visible.ts';
import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button } from '../base/parts.tsx';
import { undo } from '../queue/decide.ts';

/** What was just decided, with the time that is left to undo it; else the last thing that happened. */
export function Toast({ desk }: { desk: DeskApp }): Child {
  const { outgoing, said } = desk.state;
  const text = visible(said.text);
  const last = outgoing.at(-1);
  const left = last ? Math.ceil((last.due - desk.now()) / 1_000) : 0;
  const before = outgoing.length > 1 ? ` (and ${outgoing.length - 1} before)` : '';
  const going = last && `${visible(last.says)}, ${left > 0 ? `counts in ${left} s` : 'counting'}${before}`;
  return (
    <div class="foot">
      <p class="unseen" role="status">
        {!said.failed && text}
      </p>
      <p class="unseen" role="alert">
        {said.failed && text}
      </p>
      {(last || text) && (
        <div class={said.failed && !last ? 'toast failed' : 'toast'}>
          <span aria-hidden="true">{going ?? (said.failed ? `⚠ ${text}` : text)}</span>
          {left > 0 && (
            <Button act={() => undo(desk)} hint="z">
              Undo
            </Button>
          )}
          {!last && (
            <Button act={() => desk.set({ said: { text: '', failed: false } })} look="quiet">
              Close
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
