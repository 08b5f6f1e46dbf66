import fs from 'node:fs';
import path from 'node:path';
import { lookIntoAll } from '../../src/engine/mail/mailboxes.ts';
import { recover } from '../../src/engine/upkeep/recovery.ts';
import { createScheduler } from '../../src/engine/upkeep/schedule.ts';
import { aDovecot, LOGIN } from './dovecot.ts';
import { anExim } from './exim.ts';
import { inProcess } from './in-process.ts';
import { mailboxIn, SAM } from './mail-scene.ts';
import { type Mail, PostOffice } from './mail-world.ts';
import { TRUSTING } from './trusting.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

type Happening = { at: number; what: () => Promise<unknown> };
/** What somebody does about a message that has come: the next one to happen, and how long after it. */
export type Reaction = { after: number; what: (mail: Mail) => Promise<unknown> };
/** What a correspondent does about each message; `number` counts those that they got. */
export type Behaviour = (mail: Mail, number: number) => Reaction | undefined;

/**
 * Countersign, a mail server and a mailbox in a time of their own, which goes from one happening to the next: what was
 * put on the agenda, and what an approved email waits for.
 */
export async function aMonth(start: string, pace: Record<string, unknown>) {
  let now = Date.parse(start);
  const dovecot = await aDovecot();
  const exim = await anExim();
  const env: Record<string, string> = { ...TRUSTING, COUNTERSIGN_SMTP: exim.url, ...mailboxIn(dovecot.port) };
  const { call, house, home } = inProcess({ env, now: () => new Date(now) });
  fs.writeFileSync(path.join(home, 'config.json'), '{"mail": {"bodies": true}}');
  const post = new PostOffice(exim, () => now);
  post.open(LOGIN.user, { maildir: dovecot.maildir });
  const { identity } = await call('save_identity', { ...SAM, ...pace });
  const scheduler = createScheduler(house);
  const agenda: Happening[] = [];
  const behaviours = new Map<string, Behaviour>();
  const counts = new Map<string, number>();

  /** When the first of the approved emails is due. */
  const due = () =>
    house.read((view) => {
      const times = view.open({ statuses: ['approved'] }).map(({ not_before }) => Date.parse(not_before ?? ''));
      return Math.min(...times.map((time) => (Number.isNaN(time) ? now : time)));
    });
  /** Delivers what was sent, and lets those who got something react. */
  const deliver = async () => {
    for (const [address, mail] of await post.deliver()) {
      const number = (counts.get(address) ?? 0) + 1;
      counts.set(address, number);
      const reaction = behaviours.get(address)?.(mail, number);
      if (reaction) agenda.push({ at: now + reaction.after, what: () => reaction.what(mail) });
    }
  };
  const sendDue = async () => {
    await recover(house);
    await house.executing;
    if ((await due()) <= now) throw new Error('an approved email is due, and does not go');
  };

  return {
    ...{ call, post, identity, agenda, behaviours },
    /** Opens an address whose mail comes to the mailbox that is read. */
    alias: (address: string) => exim.open(address, { maildir: dovecot.maildir }),
    now: () => now,
    /** A tick of a schedule: a process is awake, and has looked into the mailbox lately. */
    tick(at: number) {
      const awake = async () => {
        await lookIntoAll(house, 0);
        await scheduler.look();
      };
      const fire = async () => {
        await scheduler.look();
        await Promise.all([...house.runs.values()].map((run) => run.done));
      };
      agenda.push({ at: at - 5_000, what: awake }, { at, what: fire });
    },
    /** Lets time pass. */
    async until(end: number) {
      for (;;) {
        agenda.sort((a, b) => a.at - b.at);
        const [next] = agenda;
        const at = Math.max(now, Math.min(next?.at ?? Number.POSITIVE_INFINITY, await due()));
        if (at > end) break;
        now = at;
        if (next && next.at <= now) {
          agenda.shift();
          await next.what();
        } else await sendDue();
        await house.executing;
        await deliver();
      }
      now = end;
    },
  };
}

export type Month = Awaited<ReturnType<typeof aMonth>>;
