import { type ChangeItem, canDecide, type DeskApp, type DeskItem } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button, Form, typedIn } from '../base/parts.tsx';
import { decide, isSeen } from './decide.ts';
import { beginEdit } from './edit.ts';
import { type ActionItem, isOpenItem } from './items.ts';
import { approveOpen, begin, pickedItems, pickItem, putLast } from './keys.ts';
import { askForDesk, type Fate, sendBackDraft, settle } from './settle.ts';

/** Enter sends what was typed; with Shift it is a new line, and in the middle of a letter it is that letter's. */
function atEnter(event: KeyboardEvent, act: () => void): void {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  act();
}

/** Why an action is rejected, or how it should be instead. */
function Ask({ desk, items }: { desk: DeskApp; items: ActionItem[] }): Child {
  const { asking, stories } = desk.state;
  if (!asking) return false;
  const isReject = asking.kind === 'reject';
  const submit = () => {
    const reason = asking.text.trim();
    const [item] = items;
    if (!isReject && item) sendBackDraft(desk, item, reason);
    else void decide(desk, items, 'reject', { isSigned: false, ...(reason && { reason }) });
  };
  return (
    <Form look="asking" act={submit}>
      <label>
        {isReject ? 'Why not? The agent will know. It may stay empty.' : 'How should it be instead?'}
        <textarea
          rows="2"
          value={asking.text}
          placed={(element) => element.focus()}
          oninput={(event) => {
            asking.text = typedIn(event);
          }}
          onkeydown={(event) => atEnter(event, submit)}
        />
      </label>
      <p class="buttons">
        <button type="submit" class="main">
          {isReject ? 'Reject' : 'Send back'} <kbd>↵</kbd>
        </button>
        <Button act={() => desk.set({ asking: undefined })} hint="Esc">
          Cancel
        </Button>
        {isReject && stories.get(asking.key)?.may_revise && (
          <Button act={() => begin(desk, 'revise')}>Send back instead</Button>
        )}
      </p>
    </Form>
  );
}

function Unknown({ desk, item }: { desk: DeskApp; item: ActionItem }): Child {
  const off = !canDecide(desk);
  const to = (fate: Fate) => () => void settle(desk, item, fate);
  return (
    <div class="decisions">
      <Button act={to('sent')} off={off} look="main">
        It was sent
      </Button>
      <Button act={to('not_sent')} off={off}>
        It was not sent
      </Button>
      <Button act={to('retry')} off={off} look="danger">
        Try again: it may go twice
      </Button>
    </div>
  );
}

/** The button that approves; with a passkey, the one that signs, and one that doesn't where that is enough. */
function Approving({ desk, items, words }: { desk: DeskApp; items: DeskItem[]; words: string }): Child {
  const { me, isBusy } = desk.state;
  const isDemanded = items.some((item) => (item.kind === 'action' ? item.row : item.change).needs === 'signed');
  const asks = (me?.passkeys.length ?? 0) > 0;
  const off = !canDecide(desk) || isBusy || (isDemanded && !asks) || !items.every((item) => isSeen(desk, item));
  return [
    <Button act={() => approveOpen(desk, true)} hint="a" off={off} look="main">
      {asks ? `Sign: ${words.toLowerCase()}` : words}
    </Button>,
    asks && !isDemanded && (
      <Button act={() => approveOpen(desk, false)} off={off}>
        Approve without signing
      </Button>
    ),
    isDemanded && !asks && <p class="amber-text">This needs a signature: add a passkey in settings.</p>,
  ];
}

/** What can be done with one action, always within reach. */
export function Decisions({ desk, item }: { desk: DeskApp; item: ActionItem }): Child {
  const { state, ways } = desk;
  if (!isOpenItem(desk, item) || state.draft) return false;
  if (state.asking?.key === item.key) return <Ask desk={desk} items={[item]} />;
  if (item.row.status === 'unknown') return <Unknown desk={desk} item={item} />;
  const off = !canDecide(desk) || state.isBusy;
  return (
    <div class="decisions">
      <Approving desk={desk} items={[item]} words="Approve" />
      <Button act={() => beginEdit(desk, item)} hint="e" off={off}>
        Edit
      </Button>
      <Button act={() => begin(desk, 'reject')} hint="r" off={off}>
        Reject
      </Button>
      {state.stories.get(item.key)?.may_revise !== false && (
        <Button act={() => begin(desk, 'revise')} hint="v" off={off}>
          Revise
        </Button>
      )}
      <Button act={() => putLast(desk)} hint="h">
        Skip
      </Button>
      {ways.kind === 'page' && (
        <Button act={() => pickItem(desk, item)} hint="x">
          {state.picked.has(item.key) ? 'Unselect' : 'Select'}
        </Button>
      )}
    </div>
  );
}

/** In a panel: the way to the desk. */
function ToDesk({ desk }: { desk: DeskApp }): Child {
  return (
    <div class="decisions">
      <Button act={() => void askForDesk(desk)} off={!canDecide(desk)} look="main">
        Open the desk
      </Button>
      <p class="soft">No call of a tool decides a change: a person does, at the desk.</p>
    </div>
  );
}

/** What can be done with a change. In a panel nothing: no tool decides one, so the way to the desk stands there. */
export function ChangeDecisions({ desk, item }: { desk: DeskApp; item: ChangeItem }): Child {
  if (!isOpenItem(desk, item)) return false;
  if (desk.ways.kind === 'panel') return <ToDesk desk={desk} />;
  return (
    <div class="decisions">
      <Approving desk={desk} items={[item]} words="Approve" />
      <Button act={() => begin(desk, 'reject')} hint="r" off={!canDecide(desk) || !isSeen(desk, item)}>
        Decline
      </Button>
    </div>
  );
}

export function BulkDecisions({ desk, words }: { desk: DeskApp; words: string }): Child {
  const items = pickedItems(desk);
  if (desk.state.asking?.key === 'bulk') return <Ask desk={desk} items={items} />;
  return (
    <div class="decisions">
      <Approving desk={desk} items={items} words={words} />
      <Button act={() => begin(desk, 'reject')} hint="r" off={!canDecide(desk)}>
        Reject {items.length}
      </Button>
      <Button act={() => desk.set({ isBulk: false })} hint="Esc">
        Back
      </Button>
    </div>
  );
}
