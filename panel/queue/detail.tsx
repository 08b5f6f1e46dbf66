import { visible } from '../../src/domain/text/visible.ts';
import { boundTo, type ChangeItem, currentItem, type DeskApp, type DeskItem } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button, Prose, sign } from '../base/parts.tsx';
import { exactly } from '../text/times.ts';
import { asText, inOneLine } from '../text/words.ts';
import { About, FactsBeside, Since, When } from './about.tsx';
import { bulkShown } from './bulk.tsx';
import { ChangeDecisions, Decisions } from './decisions.tsx';
import { Editor } from './editor.tsx';
import { type ActionItem, shownItems } from './items.ts';
import { move, toggleOpen } from './keys.ts';
import { EditShown, letterLines, Paper, RouteShown } from './letter.tsx';
import { Toast } from './toast.tsx';

/** Where one is in the list, and the way through it. */
function Steps({ desk, item }: { desk: DeskApp; item: DeskItem }): Child {
  const items = shownItems(desk);
  const at = items.findIndex(({ key }) => key === item.key);
  return (
    <nav class="steps" aria-label="Items">
      <Button act={() => toggleOpen(desk, false)} look="back">
        {sign('←')} List
      </Button>
      <span class="soft">
        {at + 1} of {items.length}
      </span>
      <Button act={() => move(desk, -1)} hint="k" off={at <= 0}>
        Previous
      </Button>
      <Button act={() => move(desk, 1)} hint="j" off={at >= items.length - 1}>
        Next
      </Button>
    </nav>
  );
}

/** A row that changed under a person's eyes has to be read again first. */
function readAgain({ state, redraw }: DeskApp, item: DeskItem): void {
  state.stale.delete(item.key);
  state.seen.set(item.key, boundTo(item));
  redraw();
}

/** Why somebody should think twice, in red, and what is good to know. */
function cautions({ state }: DeskApp, { key, row }: ActionItem): [red: (string | false)[], calm: (string | false)[]] {
  const { against, lacks } = state.stories.get(key) ?? {};
  const { status, attempted_at, error, contact, hidden } = row;
  const tried = attempted_at ? `: it was tried on ${exactly(attempted_at)}` : '';
  return [
    [
      status === 'unknown' && `Nobody knows whether this went out${tried}. Look before you decide.`,
      status === 'failed' && `It failed: ${error?.message}`,
      against !== undefined && `If it were approved now, it would come back: ${against}`,
      contact.bounced === true && 'A mail server refused this address for good.',
    ],
    [lacks ?? false, hidden !== undefined && 'The rest is on its way.'],
  ];
}

/** What must be known before anything else: that it changed, is gone, or can't be done. */
function Banners({ desk, item }: { desk: DeskApp; item: DeskItem }): Child {
  const gone = desk.state.gone.get(item.key);
  const [red, calm] = item.kind === 'action' ? cautions(desk, item) : [[], []];
  return [
    gone && (
      <p class="aside">
        {sign('✓')} {visible(gone.says)}. Nothing is left to decide here.
      </p>
    ),
    !gone && desk.state.stale.has(item.key) && (
      <div class="aside amber" role="alert">
        {sign('●')} This changed since you read it. Read it again before you approve it.
        <p class="buttons">
          <Button act={() => readAgain(desk, item)}>I have read it again</Button>
        </p>
      </div>
    ),
    red.map(
      (text) =>
        text && (
          <p class="aside red">
            {sign('⚠')} {visible(text)}
          </p>
        ),
    ),
    calm.map((text) => text && <p class="aside">{visible(text)}</p>),
  ];
}

function ActionDetail({ desk, item }: { desk: DeskApp; item: ActionItem }): Child {
  const { state } = desk;
  const lines = letterLines(desk, item);
  const isEditing = state.draft?.key === item.key;
  return (
    <article class={state.gone.has(item.key) ? 'scroll gone' : 'scroll'} key={item.key} aria-label="Detail">
      <Steps desk={desk} item={item} />
      <Banners desk={desk} item={item} />
      <RouteShown item={item} lines={lines} />
      {isEditing ? (
        <Editor desk={desk} item={item} />
      ) : (
        [<Paper lines={lines} />, <EditShown desk={desk} item={item} />]
      )}
      <Since row={item.row} story={state.stories.get(item.key)} />
      <About desk={desk} item={item} />
    </article>
  );
}

function ValuesShown({ values }: { values: Record<string, unknown> }): Child {
  return (
    <dl>
      {Object.entries(values).map(([path, value]) => [
        <dt>{path}</dt>,
        <dd>
          <Prose>{visible(asText(value))}</Prose>
        </dd>,
      ])}
    </dl>
  );
}

function ChangeDetail({ desk, item }: { desk: DeskApp; item: ChangeItem }): Child {
  const { what, asked_by, asked_at, lapses_at, lines, before, after } = item.change;
  return (
    <article class="scroll" key={item.key} aria-label="Detail">
      <Steps desk={desk} item={item} />
      <Banners desk={desk} item={item} />
      <header class="route">
        <p class="label">A change that waits</p>
        <h2 tabindex="-1">{inOneLine(what.join('; '))}</h2>
        <p class="soft">
          Asked by {inOneLine(asked_by)}, <When at={asked_at} />. It lapses on {exactly(lapses_at)}.
        </p>
      </header>
      {lines.length > 0 && <Paper lines={lines.map(([label, text]) => [`${label} `, text])} />}
      <div class="about-it">
        <FactsBeside heading="Before">
          <ValuesShown values={before} />
        </FactsBeside>
        <FactsBeside heading="After">
          <ValuesShown values={after} />
        </FactsBeside>
      </div>
    </article>
  );
}

/** What is open, and the decisions on it: one item whole, or all that is selected. */
function shownIn(desk: DeskApp): [shown: Child, decisions: Child] {
  const item = currentItem(desk);
  if (desk.state.isBulk) return bulkShown(desk);
  if (!item || !shownItems(desk).includes(item)) return [false, false];
  return item.kind === 'action'
    ? [<ActionDetail desk={desk} item={item} />, <Decisions desk={desk} item={item} />]
    : [<ChangeDetail desk={desk} item={item} />, <ChangeDecisions desk={desk} item={item} />];
}

/** Whether what was just decided is told beside what is open; on a small screen, where the list is open, it is told there. */
export function hasToast({ state, isWide }: DeskApp): boolean {
  return state.isOpen || isWide();
}

/** What is open, with what was just decided above the decisions, so that it covers nothing. */
export function Detail({ desk }: { desk: DeskApp }): Child {
  const [shown, decisions] = shownIn(desk);
  return (
    <div class="detail">
      {shown}
      {hasToast(desk) && <Toast desk={desk} />}
      {decisions}
    </div>
  );
}
