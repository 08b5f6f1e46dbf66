import { currentItem, type DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button } from '../base/parts.tsx';
import { dropDraft } from '../queue/edit.ts';
import { DESK_KEYS } from '../queue/keys.ts';

function KeyList(): Child {
  return (
    <dl class="keys">
      {DESK_KEYS.map(([key, does]) => [
        <dt>
          <kbd>{key}</kbd>
        </dt>,
        <dd>{does}</dd>,
      ])}
    </dl>
  );
}

/** A question or a page over the desk; Escape closes it. */
export function Dialogs({ desk }: { desk: DeskApp }): Child {
  const { dialog } = desk.state;
  const isKeys = dialog === 'keys';
  if (!isKeys && dialog !== 'discard') return false;
  const close = () => desk.set({ dialog: '' });
  const title = isKeys ? 'Keys' : 'Drop what you wrote?';
  return (
    <dialog
      key={dialog}
      aria-label={title}
      placed={(element) => element instanceof HTMLDialogElement && element.showModal()}
      oncancel={(event) => {
        event.preventDefault();
        close();
      }}
    >
      <h2>{title}</h2>
      {isKeys ? <KeyList /> : <p>Your edit isn’t kept yet.</p>}
      <p class="buttons">
        <Button act={close} look="main">
          {isKeys ? 'Close' : 'Go on editing'}
        </Button>
        {!isKeys && (
          <Button act={() => dropDraft(desk, currentItem(desk), true)} look="danger">
            Drop it
          </Button>
        )}
      </p>
    </dialog>
  );
}
