import { type DeskApp, emptyState, itemKey, refOfRow, type Ways } from './base/desk.ts';
import { treeLeaves } from './base/jsx.ts';
import { drawChildren } from './base/render.ts';
import { addressQuery, askServer, keepKey, keptKey, ServerRefused } from './base/server.ts';
import { putOnStyle } from './base/style.ts';
import type { Me, QueueAnswer, Ref, StoryOfRow } from './base/wire.ts';
import { waysOfTools } from './frame/tool-ways.ts';
import { dropOutgoing } from './queue/decide.ts';
import { onKey } from './queue/keys.ts';
import { loadQueue, tellFailure } from './queue/load.ts';
import { follow } from './shell/live.ts';
import { DeskPage } from './shell/page.tsx';
import { openPlace } from './shell/ways-in.ts';
import { inOneLine } from './text/words.ts';

/** The page loads anew so often that no nonce of a row in it is too old. */
const AGAIN_MS = 4 * 60_000;

function waysOfPage(): Ways {
  return {
    kind: 'page',
    mayDecide: () => true,
    queue: (filter) => askServer<QueueAnswer>(`queue?${addressQuery({ ...filter, limit: 200 })}`),
    story: (ref) => askServer<StoryOfRow>(`action?${addressQuery(refOfRow(ref))}`),
    post: (path, body) => askServer(path, body),
    get: (path) => askServer(path),
  };
}

function makeDesk(root: HTMLElement, ways: Ways, styled: Promise<void>): DeskApp {
  let isDue = false;
  const wide = matchMedia('(min-width: 900px)');
  const desk: DeskApp = {
    state: emptyState(),
    ways,
    isWide: () => wide.matches,
    set: (changed) => {
      Object.assign(desk.state, changed);
      desk.redraw();
    },
    redraw: () => {
      if (isDue) return;
      isDue = true;
      // Nothing is drawn before its style is there; what the page asks for is on its way meanwhile.
      void styled.then(() => {
        isDue = false;
        drawChildren(root, treeLeaves(<DeskPage desk={desk} />));
        const { queue } = desk.state;
        const waiting = (queue?.total_waiting ?? 0) + (queue?.changes_total ?? 0);
        document.title = waiting > 0 ? `(${waiting}) Countersign` : 'Countersign';
      });
    },
  };
  wide.addEventListener('change', desk.redraw);
  return desk;
}

/** What a ticket opens: the desk, maybe at one row or change, or the way to a passkey. */
type Entered = { key: string; at?: Ref | { change_id: string }; name?: string };

/** Gives a ticket of the URL for a key, once, and takes it out of the URL and its history. */
async function enter({ state }: DeskApp): Promise<void> {
  const { hash, pathname } = location;
  const ticket = /[#&]ticket=([^&]*)/.exec(hash)?.[1];
  if (ticket === undefined) return;
  const rest = hash.replace(/([#&])ticket=[^&]*&?/, '$1').replace(/^#$/, '');
  history.replaceState(null, '', pathname + rest);
  // Whoever sent the link may be somebody else: what is decided here then would be theirs.
  if (state.me)
    throw new Error(
      `This page stays ${inOneLine(state.me.person.name)}’s. A link for somebody else needs a tab of its own.`,
    );
  const entered = await askServer<Entered>('ticket', { ticket });
  const { key, at, name = '' } = entered;
  keepKey(key);
  state.newName = name;
  // A ticket is for the desk, or for a passkey: its `kind`, which the build makes short as a name of the page's own.
  if (Object.values(entered).includes('passkey')) state.screen = 'settings';
  if (at) state.current = 'change_id' in at ? `change ${at.change_id}` : itemKey(at);
}

/** The page: its ticket or key, then all that waits, and what happens from then on. */
async function startPage(desk: DeskApp): Promise<void> {
  const { state } = desk;
  const look = async () => desk.set({ me: await askServer<Me>('me') });
  let looked: Promise<void> | undefined;
  try {
    // A key that has ended makes way for a ticket.
    if (keptKey() !== '') await look().catch(() => undefined);
    await enter(desk);
    if (keptKey() === '') throw new ServerRefused('UNAUTHORIZED', 'No key.');
    if (!state.me) looked = look();
  } catch (error) {
    tellFailure(desk, error);
    if (state.trouble === 'no key') return;
  }
  openPlace(desk, location.hash);
  await Promise.all([looked?.catch((error) => tellFailure(desk, error)), loadQueue(desk)]);
  openPlace(desk, location.hash);
  void follow(desk);
}

/** The panel in a client's chat. */
async function startPanel(desk: DeskApp): Promise<void> {
  const ways = await waysOfTools(() => void loadQueue(desk));
  document.documentElement.style.colorScheme = ways.theme;
  desk.ways = ways;
  await loadQueue(desk);
}

function start(root: HTMLElement): void {
  const desk = makeDesk(root, waysOfPage(), putOnStyle());
  desk.redraw();
  document.addEventListener('keydown', (event) => onKey(desk, event));
  addEventListener('pagehide', () => dropOutgoing(desk));
  addEventListener('hashchange', () =>
    location.hash.includes('ticket=') ? location.reload() : openPlace(desk, location.hash),
  );
  // The time that is left, and the ages of rows.
  setInterval(() => desk.state.outgoing.length > 0 && desk.redraw(), 1_000);
  setInterval(() => void loadQueue(desk), AGAIN_MS);
  // The page may stand in no frame: in one it is the panel.
  const isPanel = parent !== window;
  void (isPanel ? startPanel(desk) : startPage(desk));
}

const root = document.getElementById('desk');
if (root) start(root);
