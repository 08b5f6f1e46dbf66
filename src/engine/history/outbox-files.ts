import { notFound } from '../../domain/base/errors.ts';
import type { Action, ActionRef, ActionResult } from '../../domain/runs/run.ts';
import { isInOutbox } from '../../domain/runs/transitions.ts';
import type { View } from '../../domain/state/view.ts';
import { outboxFileName, readOutboxName } from '../../files/outbox.ts';
import { effectiveParams } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import { type ActionAsShown, shownAction } from '../base/shown/action.ts';
import { briefContact } from '../base/shown/contact.ts';
import { type LocatedAction, locateShown } from '../review/locate.ts';
import { actionLines } from '../review/questions.ts';
import { PERSON_SAYS } from '../review/settle.ts';

/** How many files of the outbox are looked at: the newest. */
const MOST_FILES = 1_000;

/** A message that was written to a file, for a person to send by hand. */
export type OutboxRow = ActionRef & {
  agent_id: string;
  agent_name: string;
  contact: ReturnType<typeof briefContact>;
  action: ActionAsShown;
  /** What a person's word on it names. */
  digest: string;
  /** Their word that they sent it, once they gave it. */
  sent?: string;
  file: string;
  /** The message as its recipient will read it, the recipient first. */
  lines: [label: string, text: string][];
};

function extensionOf({ path = '' }: ActionResult): 'eml' | 'md' {
  return path.endsWith('.md') ? 'md' : 'eml';
}

/** The file of an action that was written to the outbox; undefined for an action that was done otherwise, or not yet. */
function fileOf({ ref, action }: { ref: ActionRef; action: Pick<Action, 'status' | 'result'> }): string | undefined {
  const { result } = action;
  return result && isInOutbox(action) ? outboxFileName(ref, extensionOf(result)) : undefined;
}

function rowOf(view: View, found: LocatedAction, file: string): OutboxRow {
  const { ref, agent, action, digest } = found;
  const note = action.result?.note ?? '';
  return {
    ...ref,
    agent_id: agent.id,
    agent_name: agent.name,
    contact: briefContact(view.contact(ref.contact_id)),
    action: shownAction(action),
    digest,
    ...(note.startsWith(PERSON_SAYS) ? { sent: note } : {}),
    file,
    lines: actionLines(view, found, { params: effectiveParams(action) }),
  };
}

/** The action that left a file, where whoever looks sees it and it still says so. */
function leftBy(view: View, file: string): LocatedAction | undefined {
  const named = readOutboxName(file);
  if (!named) return undefined;
  const { run_id, action_index, isOf } = named;
  const contact_id = [...view.results(run_id).results.keys()].find(isOf);
  const found = contact_id === undefined ? undefined : locateShown(view, { run_id, contact_id, action_index });
  return found && fileOf(found) === file ? found : undefined;
}

/** The messages in the outbox, the one that was written last first. */
export async function outboxPage(
  house: House,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ files: OutboxRow[]; total: number; limit: number; offset: number; has_next: boolean }> {
  const names = await house.deps.outbox.newest(MOST_FILES);
  return house.read((view) => {
    const found = names.flatMap((file) => {
      const action = leftBy(view, file);
      return action ? [{ action, file }] : [];
    });
    const rows = found.slice(offset, offset + limit);
    const files = rows.map(({ action, file }) => rowOf(view, action, file));
    return { files, total: found.length, limit, offset, has_next: offset + rows.length < found.length };
  });
}

/** The file that an action left in the outbox. NOT_FOUND where it left none, or where the file is gone. */
export async function outboxFile(house: House, wanted: ActionRef): Promise<{ name: string; content: Buffer }> {
  const name = await house.read((view) => {
    const found = locateShown(view, wanted);
    return found && fileOf(found);
  });
  const content = name === undefined ? undefined : await house.deps.outbox.read(name);
  if (name !== undefined && content !== undefined) return { name, content };
  throw notFound('This action left no file in the outbox, or the file was taken away.');
}
