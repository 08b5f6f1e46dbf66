import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { typedIn } from '../base/parts.tsx';
import { loadQueue } from './load.ts';

/** Finds by words what waits, or contacts where these are open. */
export function SearchField({ desk }: { desk: DeskApp }): Child {
  const { state } = desk;
  const what = state.screen === 'contacts' ? 'Search contacts' : 'Search what waits';
  return (
    <search>
      <input
        type="search"
        placeholder="Search"
        aria-label={what}
        value={state.query}
        oninput={(event) => {
          desk.set({ query: typedIn(event) });
          if (state.screen === 'queue') void loadQueue(desk, true);
        }}
      />
    </search>
  );
}
