import { boundTo, type DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button, Prose, sign } from '../base/parts.tsx';
import { countedActions, countedAs, inOneLine } from '../text/words.ts';
import { type Alike, alikeOf } from './alike.ts';
import { isSeen } from './decide.ts';
import { BulkDecisions } from './decisions.tsx';
import { type ActionItem, contactNamed } from './items.ts';
import { pickedItems, pickItem } from './keys.ts';
import { Marked, visibleRecipient } from './letter.tsx';

/** "Approve 7 emails to 7 people": exactly what one press decides. */
function bulkWords(items: readonly ActionItem[]): string {
  const goesOut = items.every(({ row }) => row.to !== undefined);
  const people = new Set(items.map(({ row }) => row.to ?? row.contact_id));
  const whom = countedAs(people.size, 'person', 'people');
  return `Approve ${countedActions(items.map(({ row }) => row.type))} ${goesOut ? 'to' : 'about'} ${whom}`;
}

/** Notes that a letter was looked at, once its end was on the screen. */
function seeAtEnd({ state, redraw }: DeskApp, items: readonly ActionItem[]) {
  return (element: HTMLElement) => {
    const watcher = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      watcher.disconnect();
      for (const item of items)
        if (!state.stale.has(item.key) && item.row.hidden === undefined) state.seen.set(item.key, boundTo(item));
      redraw();
    });
    watcher.observe(element);
  };
}

function Who({ desk, item, words }: { desk: DeskApp; item: ActionItem; words: string | undefined }): Child {
  const { row, key } = item;
  const name = inOneLine(row.to === undefined ? contactNamed(row) : visibleRecipient(row.to));
  return (
    <tr key={key}>
      <th scope="row">{name}</th>
      {words !== undefined && <td>{inOneLine(words) || '—'}</td>}
      <td>
        {isSeen(desk, item) ? '✓ seen' : <span class="amber-text">● not seen</span>}
        {row.changed_since?.length && <span class="amber-text">● changed since</span>}
      </td>
      <td>
        <Button act={() => pickItem(desk, item)} look="quiet">
          Leave out
        </Button>
      </td>
    </tr>
  );
}

function AlikeShown({ desk, alike: { items, pieces, others } }: { desk: DeskApp; alike: Alike }): Child {
  const isMany = items.length > 1;
  return (
    <section class="alike" key={items.map((item) => `${item.key} ${boundTo(item)} ${item.row.hidden}`).join()}>
      <table class="lines">
        <caption>{isMany ? `${items.length} alike: what differs is marked` : 'One of its own'}</caption>
        <thead>
          <tr>
            <th scope="col">To</th>
            {isMany && <th scope="col">In other words</th>}
            <th scope="col">Seen</th>
            <th scope="col">Leave out</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Who desk={desk} item={item} words={isMany ? others.get(item.key) : undefined} />
          ))}
        </tbody>
      </table>
      <div class="paper">
        <Prose>{Marked(pieces)}</Prose>
        <div class="end" placed={seeAtEnd(desk, items)} />
      </div>
    </section>
  );
}

/** All that is selected, with every text once, and the decisions on it. */
export function bulkShown(desk: DeskApp): [shown: Child, decisions: Child] {
  const items = pickedItems(desk);
  const unseen = items.filter((item) => !isSeen(desk, item)).length;
  const words = bulkWords(items);
  return [
    <article class="scroll" aria-label="What is selected" key="bulk">
      <header class="route">
        <h2 tabindex="-1">{words}</h2>
        {unseen > 0 && (
          <p class="amber-text">
            {sign('●')} {countedAs(unseen, 'is', 'are')} not seen yet: go to the end of each text first.
          </p>
        )}
      </header>
      {alikeOf(desk, items).map((alike) => (
        <AlikeShown desk={desk} alike={alike} />
      ))}
    </article>,
    <BulkDecisions desk={desk} words={words} />,
  ];
}

/** Stands below the list while something is selected. */
export function BulkBar({ desk }: { desk: DeskApp }): Child {
  const items = pickedItems(desk);
  if (items.length === 0 || desk.state.isBulk) return false;
  return (
    <section class="bulk-bar" aria-label="Selection">
      <p dir="ltr">{items.map(({ row }, at) => [at > 0 && ', ', <bdi>{contactNamed(row)}</bdi>])}</p>
      <p class="buttons">
        <Button act={() => desk.set({ isBulk: true, isOpen: true })} hint="a" look="main">
          {bulkWords(items)}
        </Button>
        <Button act={() => desk.set({ picked: new Set() })}>Select none</Button>
      </p>
    </section>
  );
}
