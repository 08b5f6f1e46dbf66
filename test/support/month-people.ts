import { LOGIN } from './dovecot.ts';
import { answerTo, complaintAbout, leaving, letter, type Mail } from './mail-world.ts';
import { type Behaviour, DAY, HOUR, type Month, type Reaction } from './month.ts';

type Person = { id: string; firstname: string; email: string } & Record<string, unknown>;

function aPerson(lifecycle_stage: string, id: string, more: Record<string, unknown> = {}): Person {
  const firstname = `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
  return { id, firstname, email: `${id}@${id}.example`, lifecycle_stage, ...more };
}

/** Who objected before the month began. */
const OBJECTED = { do_not_email: true };

/** Leads that get outreach, and how many of its emails arrive. Those that objected get none. */
export const LEADS: readonly (readonly [Person, number])[] = [
  [aPerson('lead', 'jane'), 1],
  [aPerson('lead', 'tom'), 2],
  [aPerson('lead', 'silvia'), 3],
  [aPerson('lead', 'carl'), 1],
  [aPerson('lead', 'nora'), 0],
  [aPerson('lead', 'lars'), 0],
  [aPerson('lead', 'olga'), 3],
  [aPerson('lead', 'uma'), 1],
  [aPerson('lead', 'ulf'), 1],
  [aPerson('lead', 'ida'), 2],
  [aPerson('lead', 'rita'), 1],
  [aPerson('lead', 'theo'), 1],
  [aPerson('lead', 'otto', OBJECTED), 0],
];
/** Leads of the last week of March, in which the clocks go forward. */
export const LATER_LEADS: readonly (readonly [Person, number])[] = [
  [aPerson('lead', 'vera'), 2],
  [aPerson('lead', 'wim'), 1],
];
/** Customers who write by themselves, and how many of their messages are answered. */
export const CUSTOMERS: readonly (readonly [Person, number])[] = [
  [aPerson('customer', 'cora'), 3],
  [aPerson('customer', 'dan', OBJECTED), 2],
  [aPerson('customer', 'eve', OBJECTED), 0],
];
/** Leads who replied, and how many of their messages are answered. */
export const ANSWERED_LEADS: Readonly<Record<string, number>> = { jane: 2, tom: 1, rita: 1, theo: 1, wim: 1 };
/** Nora has no mailbox; that of Lars is closed while a message waits for it. */
export const UNREACHABLE = ['nora', 'lars'];

/** How people write, each in their own name. */
export function correspondence({ post, now }: Month) {
  let number = 0;
  const by = (id: string, address = `${id}@${id}.example`) => ({
    ...{ name: `${id.charAt(0).toUpperCase()}${id.slice(1)} Doe`, address, at: now(), number: ++number },
  });
  const replies = (id: string, text: string, address?: string) => (mail: Mail) => {
    const writer = by(id, address);
    return post.send(writer.address, mail.from, answerTo(mail, text, writer));
  };
  const complains = (mail: Mail) => {
    const writer = { ...by('feedback', 'feedback@provider.example'), name: 'Feedback Loop' };
    return post.send(writer.address, mail.from, complaintAbout(mail, writer));
  };
  const leaves = (id: string) => (mail: Mail) => {
    const { to, message } = leaving(mail, by(id));
    return post.send(`${id}@${id}.example`, to, message);
  };
  const writes = (id: string, said: { subject: string; text: string }) => {
    const writer = by(id);
    return post.send(writer.address, LOGIN.user, letter(LOGIN.user, said, writer));
  };
  return { replies, complains, leaves, writes };
}

/** What people do about the first, the second... message that they get. Silvia, Olga and Vera do nothing. */
export function behavioursOf({
  replies,
  complains,
  leaves,
}: ReturnType<typeof correspondence>): Record<string, Behaviour> {
  const nth =
    (...reactions: (Reaction | undefined)[]): Behaviour =>
    (_mail, number) =>
      reactions[number - 1];
  return {
    jane: nth(
      { after: DAY, what: replies('jane', 'We count by hand, every Friday.\nWhat would it cost?') },
      { after: 2 * HOUR, what: replies('jane', 'Thursday suits me.') },
    ),
    tom: nth(undefined, { after: 3 * HOUR, what: replies('tom', 'Sorry, I was busy. No, thank you.') }),
    carl: nth({ after: 3 * HOUR, what: complains }),
    uma: nth({ after: HOUR, what: leaves('uma') }),
    ulf: nth({ after: HOUR, what: replies('ulf', 'unsubscribe') }),
    ida: nth(undefined, { after: HOUR, what: leaves('ida') }),
    rita: nth({ after: 5 * HOUR, what: replies('rita', 'Rita asked me to say yes.', 'office@rita.example') }),
    // In the evening, when the next email to him has its yes already, and waits for the morning.
    theo: nth({ after: 5 * DAY + 12 * HOUR, what: replies('theo', 'Now I have time. Tell me more.') }),
    wim: nth({ after: 2 * DAY, what: replies('wim', 'Not now, but ask me in autumn.') }),
    cora: nth(
      { after: 3 * DAY, what: replies('cora', 'It works on one computer, and not on the other one.') },
      { after: 4 * DAY, what: replies('cora', 'Here is the screenshot.') },
    ),
  };
}
