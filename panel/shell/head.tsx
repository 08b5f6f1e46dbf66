import type { DeskApp, Screen } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button, sign } from '../base/parts.tsx';
import { exactly } from '../text/times.ts';
import { inOneLine, waitWord } from '../text/words.ts';
import { openScreen } from './ways-in.ts';

const SCREENS: readonly Screen[] = ['queue', 'agents', 'runs', 'contacts', 'log', 'outbox', 'settings'];

/** What waits, in a few words. */
function QueueStanding({ desk }: { desk: DeskApp }): Child {
  const { queue, me, trouble } = desk.state;
  const { name = '', role } = me?.person ?? {};
  if (!queue) return <p class="standing">{trouble === 'none' && 'Loading'}</p>;
  const { total_waiting, changes_total, unknown, brake } = queue;
  const waiting = total_waiting + changes_total;
  return (
    <p class="standing">
      {waitWord(waiting)}
      {unknown > 0 && (
        <span class="red-text">
          {' '}
          · {sign('⚠')} {unknown} unknown
        </span>
      )}{' '}
      · {brake.on ? <span class="amber-text">{sign('●')} brake on</span> : 'brake off'}
      {role && [' · ', <bdi>{inOneLine(name)}</bdi>]}
    </p>
  );
}

function Menu({ desk }: { desk: DeskApp }): Child {
  const { screen, dialog } = desk.state;
  const isMenu = dialog === 'menu';
  return [
    <button
      type="button"
      class="menu-button"
      aria-expanded={isMenu}
      aria-controls="menu"
      onclick={() => desk.set({ dialog: isMenu ? '' : 'menu' })}
    >
      Menu
    </button>,
    <nav id="menu" class={isMenu ? 'open' : undefined} aria-label="Screens">
      {SCREENS.map((name) => (
        <a
          href={`#${name}`}
          class="label"
          aria-current={screen === name ? 'page' : undefined}
          onclick={(event) => {
            event.preventDefault();
            openScreen(desk, name);
          }}
        >
          {name}
        </a>
      ))}
    </nav>,
  ];
}

/** The first line of the desk. */
export function DeskHead({ desk }: { desk: DeskApp }): Child {
  const isPage = desk.ways.kind === 'page';
  return (
    <header class="head">
      <h1>Countersign</h1>
      {isPage && <Menu desk={desk} />}
      <Button act={() => desk.set({ dialog: 'keys' })} hint="?" look="quiet">
        Keys
      </Button>
      <QueueStanding desk={desk} />
    </header>
  );
}

/** That a passkey came by a button of the desk: whoever didn't press it must see that. */
export function ButtonNote({ desk }: { desk: DeskApp }): Child {
  const added = desk.state.me?.passkeys.find(({ by_button }) => by_button);
  return (
    added && (
      <aside class="more">
        The passkey “{inOneLine(added.name)}” was added by a button here, on {exactly(added.added_at)}.
      </aside>
    )
  );
}

/** What a click in the panel counts for: no more than a call of the assistant's. */
export function PanelNote({ desk }: { desk: DeskApp }): Child {
  const { kind, mayDecide } = desk.ways;
  return (
    kind === 'panel' && (
      <aside class="more">
        {mayDecide()
          ? 'A click here is a plain call: its proof is “client”. What leaves the machine may need the desk itself.'
          : 'This program lets the panel read only.'}
      </aside>
    )
  );
}

/** Says that nothing can be decided now, and what to do. */
export function TroubleBar({ desk }: { desk: DeskApp }): Child {
  const { trouble } = desk.state;
  return (
    trouble !== 'none' && (
      <p class="trouble" role="alert">
        {sign('⚠')}{' '}
        {trouble === 'offline'
          ? 'The server can’t be reached. Nothing can be decided until it is back.'
          : [
              'This page has no key, or its key has ended. Ask your assistant to open the desk, or run ',
              <code>countersign open</code>,
              ' in a terminal.',
            ]}
      </p>
    )
  );
}
