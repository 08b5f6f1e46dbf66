import { AppError, conflict } from '../../domain/base/errors.ts';
import { canonical } from '../../domain/base/json.ts';
import type { Action, ActionRef } from '../../domain/runs/run.ts';
import { refKey } from '../../domain/state/state.ts';
import { visible } from '../../domain/text/visible.ts';
import { effectiveParams } from '../../engine/base/actions.ts';
import { recoverAttempts } from '../../engine/execution/recover-attempts.ts';
import { approve } from '../../engine/review/approve.ts';
import { type Dossier, dossierOf } from '../../engine/review/dossier.ts';
import { locate } from '../../engine/review/locate.ts';
import { reject } from '../../engine/review/reject.ts';
import { type SettleArgs, settleAction } from '../../engine/review/settle.ts';
import { typesCode } from './code.ts';
import { editableOf } from './editable.ts';
import { dossierScreen, recap, receiptRow } from './screen.ts';
import { sendBack, whyNotBack } from './send-back.ts';
import { type Choice, LONGEST_TYPED, type Session, tellRow } from './session.ts';
import { PersonLeft } from './terminal.ts';

const LOOK_MS = 50;
const TELL_AFTER_MS = 500;

/** Whether the person types the code that was just made for this action. */
async function confirms({ terminal }: Session, dossier: Dossier, label: string): Promise<boolean> {
  terminal.say(recap(dossier, label, terminal.width(), terminal.paint));
  return typesCode(terminal);
}

/** Waits until the attempt at an action is over, in this process or another one. */
async function outcomeOf({ house, terminal }: Session, ref: ActionRef): Promise<Action> {
  const began = Date.now();
  for (let isTold = false; ; ) {
    await recoverAttempts(house);
    const { action } = await house.read((view) => locate(view, ref));
    const isWaiting = action.status === 'approved' && house.attempts.has(refKey(ref));
    if (action.status !== 'executing' && !isWaiting) return action;
    if (!isTold && Date.now() - began > TELL_AFTER_MS) {
      isTold = true;
      terminal.say('  Under way…');
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** Decides, waits for the outcome, and shows it. */
async function carryOut(session: Session, ref: ActionRef, decision: () => Promise<unknown>): Promise<Action> {
  const { terminal } = session;
  terminal.whenLeaving('  The decision is made: waiting for its outcome. Ctrl-C again leaves at once.');
  try {
    await decision();
    const action = await outcomeOf(session, ref);
    tellRow(session, receiptRow(action));
    // The path stands on one line, so that it can be copied.
    if (action.result?.path !== undefined) terminal.say(`  ${visible(action.result.path)}`);
    return action;
  } finally {
    terminal.whenLeaving(undefined);
  }
}

const approveShown: Choice = async (session, dossier) => {
  const { house, by, drafts, counts } = session;
  const { ref, digest } = dossier;
  if (!(await confirms(session, dossier, 'Approve'))) return false;
  const draft = drafts.get(refKey(ref));
  // An edit may name another tool. Its definition is looked up when the edit is approved.
  if (draft && (await dossierOf(house, ref, draft)).binding !== dossier.binding)
    throw conflict('The action has changed.');
  const args = { ...ref, params: draft, expected_digest: digest, via: 'human' as const, handsOver: true };
  const action = await carryOut(session, ref, () => approve(house, by, args, 0));
  if (action.status !== 'pending_approval') counts.approved += 1;
  return true;
};

const rejectShown: Choice = async (session, { ref, digest }) => {
  const { house, by, terminal, counts } = session;
  const reason = await terminal.ask('  Reason, which later runs are told (- for none, Enter to go back): ');
  if (reason === '') return false;
  const said = reason === '-' ? {} : { reason: reason.slice(0, LONGEST_TYPED) };
  await carryOut(session, ref, () => reject(house, by, { ...ref, ...said, expected_digest: digest, via: 'human' }));
  counts.rejected += 1;
  return true;
};

/** Takes an edit that fits. Shows what is wrong with one that doesn't. */
async function takeEdit(session: Session, { ref, action }: Dossier, read: () => Record<string, unknown>) {
  const { house, drafts } = session;
  try {
    const params = read();
    await dossierOf(house, ref, params);
    if (canonical(params) === canonical(effectiveParams(action))) drafts.delete(refKey(ref));
    else drafts.set(refKey(ref), params);
    return true;
  } catch (error) {
    // A tool's server that can't be asked (PROVIDER_ERROR) is reported here too, so that the person doesn't lose the
    // edit.
    if (!(error instanceof AppError) || !['VALIDATION_ERROR', 'PROVIDER_ERROR'].includes(error.code)) throw error;
    tellRow(session, ['Problem', visible(error.message), 'red']);
    return false;
  }
}

const editShown: Choice = async (session, dossier) => {
  const { terminal } = session;
  const editable = editableOf(dossier.params);
  for (let text = editable.text; ; ) {
    const saved = await terminal.edit(text, editable.extension);
    if (saved === undefined)
      terminal.say('  The editor failed, so no edit was taken. The editor is $VISUAL or $EDITOR.');
    else if (saved === editable.text) terminal.say('  Nothing was edited.');
    if (saved === undefined || saved === editable.text) return false;
    if (await takeEdit(session, dossier, () => editable.read(saved))) return true;
    const answer = await terminal.ask('  Enter opens what you wrote again, d drops it: ');
    if (answer.toLowerCase().startsWith('d')) return false;
    text = saved;
  }
};

const dropEdit: Choice = async ({ drafts }, { ref }) => {
  drafts.delete(refKey(ref));
  return true;
};

const skip: Choice = async ({ skipped }, { ref }) => {
  skipped.add(refKey(ref));
  return true;
};

const quit: Choice = () => Promise.reject(new PersonLeft(0));

function settled(outcome: 'sent' | 'not_sent'): Choice {
  return async (session, { ref }) => {
    const { house, by, terminal, counts } = session;
    const note = (await terminal.ask('  How do you know? (Enter for no note): ')).slice(0, LONGEST_TYPED);
    const args: SettleArgs = { ...ref, outcome, via: 'human', ...(note === '' ? {} : { note }) };
    await carryOut(session, ref, () => settleAction(house, by, args));
    counts.settled += 1;
    return true;
  };
}

const retry: Choice = async (session, dossier) => {
  const { house, by, counts } = session;
  const { ref, digest } = dossier;
  if (!(await confirms(session, dossier, 'Repeat'))) return false;
  const args: SettleArgs = { ...ref, outcome: 'retry', via: 'human', expected_digest: digest, handsOver: true };
  await carryOut(session, ref, () => settleAction(house, by, args));
  counts.settled += 1;
  return true;
};

function choicesFor({ drafts }: Session, { ref, action }: Dossier): Record<string, Choice> {
  if (action.status === 'unknown') return { yes: settled('sent'), no: settled('not_sent'), retry, skip, quit };
  const drop = drafts.has(refKey(ref)) ? { 'drop the edit': dropEdit } : {};
  return { approve: approveShown, edit: editShown, ...drop, reject: rejectShown, feedback: sendBack, skip, quit };
}

async function choose(session: Session, dossier: Dossier): Promise<boolean> {
  const { terminal } = session;
  const choices = choicesFor(session, dossier);
  const stuck = await whyNotBack(session, dossier.ref);
  const names = Object.keys(choices);
  // What nobody can write anew is said to whoever asks for it, and not offered.
  const offered = names.filter((name) => name !== 'feedback' || stuck === undefined);
  const menu = offered.map((name) => `${terminal.paint('bold', `[${name.charAt(0)}]`)}${name.slice(1)}`).join('  ');
  const lead = dossier.action.status === 'unknown' ? 'Did it happen?  ' : '';
  const answer = (await terminal.ask(`  ${lead}${menu} > `)).toLowerCase();
  if (answer === '') return false;
  const choice = choices[names.find((name) => name.startsWith(answer)) ?? ''];
  if (choice) return choice(session, dossier);
  terminal.say(`  Type ${offered.map((name) => name.charAt(0)).join(', ')}.`);
  return false;
}

/** Says how an action stands now that it differs from what was shown. */
async function tellChange(session: Session, ref: ActionRef): Promise<void> {
  const { action } = await session.house.read((view) => locate(view, ref));
  const { status, decided_by, decided_at, reason } = action;
  const isOpen = status === 'pending_approval' || status === 'unknown';
  const who = decided_by ? `, by ${decided_by} at ${decided_at}` : '';
  const meanwhile = isOpen
    ? 'The action has changed since it was shown, so nothing was decided. As it is now:'
    : `The action is ${status.replaceAll('_', ' ')} already${who}${reason ? `: ${reason}` : ''}. Nothing was changed.`;
  tellRow(session, ['Changed', visible(meanwhile), 'yellow']);
}

async function decideOn(session: Session, dossier: Dossier): Promise<void> {
  for (;;) {
    try {
      if (await choose(session, dossier)) return;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'CONFLICT') return tellChange(session, dossier.ref);
      tellRow(session, ['Problem', visible(error.message), 'red']);
      if (error.code === 'NOT_FOUND') return;
    }
  }
}

/**
 * Shows one action, and has the person decide on it or leave it. An action that changed meanwhile still waits, so the
 * caller comes back to it.
 */
export async function decideNext(session: Session, ref: ActionRef, place: string): Promise<void> {
  const { house, terminal, drafts, skipped } = session;
  const key = refKey(ref);
  try {
    const dossier = await dossierOf(house, ref, drafts.get(key));
    if (dossier.action.status !== 'pending_approval' && dossier.action.status !== 'unknown') return;
    terminal.say(dossierScreen(dossier, place, terminal.width(), terminal.paint));
    await decideOn(session, dossier);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'STORE_ERROR') throw error;
    tellRow(session, ['Problem', visible(error.message), 'red']);
    if (error.code !== 'VALIDATION_ERROR' || !drafts.delete(key)) skipped.add(key);
  }
}
