import type { DeskApp } from '../base/desk.ts';
import { hearEvents } from '../base/server.ts';
import { loadQueue, noticeFailure } from '../queue/load.ts';
import { loadPage } from '../screens/pieces.tsx';
import { waitWord } from '../text/words.ts';

const AGAIN_MS = 2_000;

/** Tells the person outside of the page, where they allowed it, how many wait, never what: a notice may be read by others. */
function notify(waiting: number): void {
  if (!document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
  const note = new Notification('Countersign', { body: `${waitWord(waiting)} for you`, tag: 'countersign' });
  note.onclick = () => {
    focus();
    note.close();
  };
}

/** Follows what happens in the home, and comes back after the server was away. */
export async function follow(desk: DeskApp): Promise<void> {
  let known = Number.POSITIVE_INFINITY;
  for (;;) {
    try {
      await hearEvents('events', (name, data) => {
        if (name !== 'changed') return;
        // Actions and changes, as the title counts them; each that is more is told once.
        const { waiting, changes } = JSON.parse(data);
        if (waiting + changes > known) notify(waiting + changes);
        known = waiting + changes;
        void loadQueue(desk);
        for (const page of desk.state.pages.keys()) void loadPage(desk, page);
      });
    } catch (error) {
      noticeFailure(desk, error);
    }
    if (desk.state.trouble === 'no key') return;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    if (desk.state.trouble === 'offline') await loadQueue(desk);
  }
}
