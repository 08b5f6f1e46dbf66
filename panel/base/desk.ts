import type { KeptEdit, Me, QueueAnswer, QueueChange, QueueRow, Ref, StoryOfRow } from './wire.ts';

export type Screen = 'queue' | 'agents' | 'runs' | 'contacts' | 'log' | 'outbox' | 'settings';

/** Which entries of the decision log are shown. */
export type LogFilter = { agent_id: string; by: string; decision: string; limit: number };

/** Something in the list: an action or a change that waits, by a key of its own. */
export type DeskItem =
  | { key: string; kind: 'action'; row: QueueRow }
  | { key: string; kind: 'change'; change: QueueChange };

export type ChangeItem = DeskItem & { kind: 'change' };

/** What a person wrote over a proposal and hasn't saved. */
export type EditDraft = { key: string; fields: Record<string, string>; problem?: string };

/** A question below an item: why it is rejected, or how it should be instead. */
export type AskingWhy = { key: string; kind: 'reject' | 'revise'; text: string };

/** A decision that is taken and not sent yet. */
export type HeldDecision = {
  id: number;
  keys: string[];
  /** What was decided, in words: "Approved 7 emails". */
  says: string;
  due: number;
  timer: ReturnType<typeof setTimeout>;
  send: () => Promise<string>;
};

/** What keeps the desk from working. */
export type Trouble = 'none' | 'offline' | 'no key';

export type State = {
  screen: Screen;
  /** What of a screen is open: an agent, a run, a contact. */
  subject: string;
  trouble: Trouble;
  me?: Me;
  queue?: QueueAnswer;
  items: DeskItem[];
  current: string;
  /** On a small screen: the detail stands in front of the list. */
  isOpen: boolean;
  stories: Map<string, StoryOfRow>;
  picked: Set<string>;
  /** What of each item a person has looked at: its digest. */
  seen: Map<string, string>;
  /** Items that changed under a person's eyes and weren't read again. */
  stale: Set<string>;
  /** Items that somebody else decided, and how. */
  gone: Map<string, { item: DeskItem; says: string }>;
  /** What was decided here and sent. */
  sent: Set<string>;
  /** Items that were put last. */
  last: string[];
  edits: Map<string, KeptEdit>;
  draft: EditDraft | undefined;
  asking: AskingWhy | undefined;
  outgoing: HeldDecision[];
  isBulk: boolean;
  /** The last thing that happened, read out by screen readers; `failed` where it went wrong, `isNews` where it is shown at once. */
  said: { text: string; failed: boolean; isNews: boolean };
  query: string;
  agent: string;
  type: string;
  log: LogFilter;
  dialog: '' | 'keys' | 'discard' | 'enrol' | 'menu';
  /** How the passkey is to be called that is about to be added. */
  newName: string;
  /** Data of the other screens, by their path. */
  pages: Map<string, unknown>;
  /** A file with contacts, and what it would do. */
  dropped: { text: string; filename: string; answer: Record<string, unknown> } | undefined;
  isBusy: boolean;
  /** From when on keys count, where none comes before. */
  quietAt: number;
  /** The load of the queue that is under way, and the one after it. */
  loads: { under: Promise<void>; queued: Promise<void> | undefined; isFresh: boolean };
};

/** How the desk reaches the server: the page by its own routes, the panel by a host's tools. */
export type Ways = {
  kind: 'page' | 'panel';
  mayDecide: () => boolean;
  queue: (filter: { agent_id: string; type: string; query: string }) => Promise<QueueAnswer>;
  story: (ref: Ref) => Promise<StoryOfRow>;
  post: <T>(path: string, body: unknown) => Promise<T>;
  get: <T>(path: string) => Promise<T>;
};

export type DeskApp = {
  state: State;
  ways: Ways;
  redraw: () => void;
  /** Changes some of the state, and draws the page anew. */
  set: (changed: Partial<State>) => void;
  /** Whether list and detail stand side by side. */
  isWide: () => boolean;
};

/** A page may open by itself while somebody types elsewhere: none of its keys count until none came for so long. */
export const QUIET_MS = 1_000;

export function emptyState(): State {
  return {
    screen: 'queue',
    subject: '',
    trouble: 'none',
    items: [],
    current: '',
    isOpen: false,
    stories: new Map(),
    picked: new Set(),
    seen: new Map(),
    stale: new Set(),
    gone: new Map(),
    sent: new Set(),
    last: [],
    edits: new Map(),
    draft: undefined,
    asking: undefined,
    dropped: undefined,
    outgoing: [],
    isBulk: false,
    said: { text: '', failed: false, isNews: false },
    query: '',
    agent: '',
    type: '',
    log: { agent_id: '', by: '', decision: '', limit: 50 },
    dialog: '',
    newName: '',
    pages: new Map(),
    isBusy: false,
    quietAt: Date.now() + QUIET_MS,
    loads: { under: Promise.resolve(), queued: undefined, isFresh: false },
  };
}

export function announceIt(desk: DeskApp, text: string, failed = false, isNews = failed): void {
  const said = { text, failed, isNews };
  desk.set({ said });
  // What went well stands in nobody's way for long.
  if (!failed) setTimeout(() => desk.state.said === said && desk.set({ said: { ...said, text: '' } }), 8_000);
}

/** The address of an action, without what else is known of it. */
export function refOfRow({ run_id, contact_id, action_index }: Ref): Ref {
  return { run_id, contact_id, action_index };
}

export function itemKey(ref: Ref): string {
  return Object.values(refOfRow(ref)).map(encodeURIComponent).join('/');
}

export function currentItem({ state }: DeskApp): DeskItem | undefined {
  return state.items.find(({ key }) => key === state.current);
}

/** What a decision on an item binds to. */
export function boundTo(item: DeskItem): string {
  return item.kind === 'action' ? item.row.digest : item.change.binding;
}

/** Whether anything can be decided now. */
export function canDecide({ state, ways }: DeskApp): boolean {
  return state.trouble === 'none' && ways.mayDecide() && (state.me?.may.approve ?? ways.kind === 'panel');
}
