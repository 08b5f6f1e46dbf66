import { onTestFinished } from 'vitest';
import type { House } from '../../src/engine/base/house.ts';
import { lookIntoAll } from '../../src/engine/mail/mailboxes.ts';
import { closeHouse, createHouse } from '../../src/process/house.ts';
import { aDovecot, LOGIN } from './dovecot.ts';
import { anImapTap } from './imap-tap.ts';
import { inProcess } from './in-process.ts';
import { written } from './mail-messages.ts';
import { aMailSink } from './mail-sink.ts';
import { aStore } from './store.ts';
import { TRUSTING } from './trusting.ts';

export const SAM = {
  name: 'Sam',
  email: LOGIN.user,
  smtp_url_env: 'COUNTERSIGN_SMTP',
  imap_url_env: 'COUNTERSIGN_IMAP',
};
export const JANE = { id: 'jane', email: 'jane@acme.example', firstname: 'Jane' };

/** The variables by which a mailbox of LOGIN at a port of this machine is read. */
export function mailboxIn(port: number): Record<string, string> {
  return {
    COUNTERSIGN_IMAP_HOST: '127.0.0.1',
    COUNTERSIGN_IMAP_PORT: String(port),
    COUNTERSIGN_IMAP_USER: LOGIN.user,
    COUNTERSIGN_IMAP_PASSWORD: LOGIN.pass,
  };
}

/** Where the mailbox is read and by which mail server emails go, where these are none of the scene's own. */
type MailSceneOptions = { port?: number; smtp?: string };

/**
 * Tools over a house, a mail server that takes emails, and one with the mailbox that answers come to. An agent of Sam
 * writes to Jane, once for each subject. Nothing happens by itself.
 */
export async function aMailScene({ port, smtp }: MailSceneOptions = {}) {
  const dovecot = await aDovecot();
  const tap = await anImapTap(dovecot.port);
  const sink = await aMailSink();
  const env: Record<string, string> = {
    ...TRUSTING,
    COUNTERSIGN_SMTP: smtp ?? sink.url(),
    ...mailboxIn(port ?? tap.port),
  };
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const { call, house, home } = inProcess({ env, now });
  await call('import_contacts', { contacts: [JANE] });
  const { identity } = await call('save_identity', SAM);
  const propose = async (subject: string, contact_ids = [JANE.id]) => {
    const { agent } = await call('create_agent', {
      ...{ name: subject, capabilities: ['email'], identity_id: identity.id },
      playbook: { rules: [{ name: 'all', propose: [{ type: 'email_message', params: { subject, message: 'Hi' } }] }] },
    });
    const { run_id } = await call('trigger_agent', { agent_id: agent.id, contact_ids });
    return { run_id, contact_id: contact_ids[0] ?? '', action_index: 0 };
  };
  const actionOf = async ({ run_id, contact_id }: { run_id: string; contact_id: string }) => {
    const { run } = await call('get_run', { run_id, contact_id });
    return run.contact_results[0].proposed_actions[0];
  };
  const approve = async (ref: Awaited<ReturnType<typeof propose>>) =>
    (await call('approve_action', { ...ref, expected_digest: (await actionOf(ref)).digest })).action;
  /** Sends an email, and gives its Message-ID. */
  const send = async (subject: string, contact_ids?: string[]) => {
    const ref = await propose(subject, contact_ids);
    const { result } = await approve(ref);
    return { ref, id: String(result?.message_id) };
  };
  return {
    ...{ dovecot, tap, sink, env, call, house, home, identity, propose, actionOf, approve, send },
    /** Lets time pass, as far as this process can tell. */
    later: (ms: number) => {
      ahead += ms;
    },
    /** Another process of the same home. */
    another: (isReadOnly = false): House => {
      const other = createHouse(aStore(home, house.deps), house.deps, isReadOnly);
      onTestFinished(() => closeHouse(other));
      return other;
    },
    look: () => lookIntoAll(house, 0),
    /** Somebody answers: the headers that are given replace those of a plain answer by Jane. */
    answer: (text: string, headers: Record<string, string> = {}) =>
      dovecot.deliver(written(text, { Date: now().toUTCString(), ...headers })),
    eventsOf: async (contact_id = JANE.id) => (await call('get_contact', { contact_id })).events,
  };
}
