/** What the desk opens at: an action's row, or a change that waits. */
export type DeskPlace = { run_id: string; contact_id: string; action_index: number } | { change_id: string };

/** What came of a wish to open the desk. `url` holds no secret; `problem` says why the browser wasn't opened. */
export type DeskOpened = { url: string; opened: boolean; problem?: string };

/** The way to the desk for the person at this machine. */
export type DeskDoor = {
  /** Opens the desk in their browser because they asked for it, at most once a minute. */
  open: (at?: DeskPlace) => Promise<DeskOpened>;
  /**
   * Opens it by itself, where they sit at a desktop and didn't switch that off, at most once a minute while no page of the
   * desk is open. Gives whether the desk is open in their browser then.
   */
  offer: (at: DeskPlace | undefined) => Promise<boolean>;
  /** Ends what this process serves of the desk. */
  close: () => Promise<void>;
};

/** The tool that opens the desk, as a way to it. */
export const OPEN_DESK = 'open_desk';

function fragmentOf(at: DeskPlace): string {
  if ('change_id' in at) return `change=${encodeURIComponent(at.change_id)}`;
  const { run_id, contact_id, action_index } = at;
  return `row=${[run_id, contact_id, String(action_index)].map(encodeURIComponent).join('/')}`;
}

/** A link to the desk, or to a place there. With a ticket it lets its holder in, once: it goes to the opener alone. */
export function deskLink(base: string, { at, ticket }: { at?: DeskPlace | undefined; ticket?: string } = {}): string {
  const parts = [...(ticket === undefined ? [] : [`ticket=${ticket}`]), ...(at === undefined ? [] : [fragmentOf(at)])];
  return `${base}${base.endsWith('/') ? '' : '/'}${parts.length > 0 ? `#${parts.join('&')}` : ''}`;
}
