import type { Identity } from '../../domain/agents/identity.ts';
import { PRODUCT } from '../../domain/base/author.ts';
import type { ActionRef } from '../../domain/runs/run.ts';
import { currentAgent, type View } from '../../domain/state/view.ts';
import { mailboxSettings } from '../../net/mailbox/settings.ts';
import { findAction } from '../base/actions.ts';
import type { House } from '../base/house.ts';
import { lookIntoOthers, NEW_ENOUGH_MS } from '../mail/mailboxes.ts';
import { isSentAsIdentity } from '../mail/sent.ts';
import { lookInto } from '../mail/shared-look.ts';
import { isTooEarly, waiting } from './later-try.ts';

/** The identity that an approved action would be sent as now. */
function senderOf(view: View, ref: ActionRef, at: string): Identity | undefined {
  const action = findAction(view, ref);
  const isDue = action?.status === 'approved' && !isTooEarly(action.waits?.until, at);
  const agent = currentAgent(view, view.run(ref.run_id)?.agent_id ?? '');
  if (!isDue || !isSentAsIdentity(action.type) || view.brake().on) return undefined;
  return view.identity(agent?.identity_id ?? '');
}

/** Why a sender's mailbox can't be read by this process, which should be able to; undefined where it was. */
async function problemOf(house: House, identity: Identity): Promise<string | undefined> {
  if (identity.imap_url_env === undefined || 'problem' in mailboxSettings(identity.imap_url_env, house.deps.env))
    return undefined;
  return (await lookInto(house, identity, NEW_ENOUGH_MS)).problem;
}

/**
 * Looks into the mailboxes before an email goes, so that none goes to somebody who has answered. True where that of the
 * sender can't be read: then the email waits for minutes, says why, and keeps the yes that it has. What this process
 * lacks to read the mailbox is told by the last look (`last-look.ts`), as what it lacks to send is.
 */
export async function waitsForMailbox(house: House, ref: ActionRef): Promise<boolean> {
  const identity = await house.read((view, { at }) => senderOf(view, ref, at));
  if (!identity) return false;
  const [problem] = await Promise.all([problemOf(house, identity), lookIntoOthers(house, identity)]);
  if (problem === undefined || house.ending) return house.ending;
  const why = `The mailbox of "${identity.name}" can't be read, so nobody knows whether the contact has answered: ${problem}`;
  await house.commit(PRODUCT, (view, { at }) => {
    const action = findAction(view, ref);
    const run = view.run(ref.run_id);
    if (!action || !run || !senderOf(view, ref, at)) return { events: [], value: undefined };
    const base = { ...ref, agent_id: run.agent_id, auto_approved: action.auto_approved === true, at };
    const change = { ...base, from: action.status, ...waiting(action, why, at) };
    return { events: [{ type: 'actions_changed', changes: [change] }], value: undefined };
  });
  return true;
}
