import type { DeskApp, Screen } from '../base/desk.ts';
import { toggleOpen } from '../queue/keys.ts';
import { loadQueue } from '../queue/load.ts';

/** Where a link leads: `#row=RUN/CONTACT/INDEX`, `#change=ID`, or a screen and what of it is open. */
export function openPlace(desk: DeskApp, hash: string): void {
  const { state } = desk;
  const partOf = (name: string) => new RegExp(`(?:^#?|&)${name}=([^&]*)`).exec(hash)?.[1];
  const change = partOf('change');
  const key = partOf('row') ?? (change && `change ${decodeURIComponent(change)}`);
  if (key === undefined) return;
  state.screen = 'queue';
  state.current = key;
  if (state.items.some((item) => item.key === key)) toggleOpen(desk, true);
}

/** Opens a screen, with what is there now. */
export function openScreen(desk: DeskApp, screen: Screen, subject = ''): void {
  const { query, pages } = desk.state;
  pages.clear();
  desk.set({ screen, subject, query: '', dialog: '' });
  if (query !== '') void loadQueue(desk, true);
}
