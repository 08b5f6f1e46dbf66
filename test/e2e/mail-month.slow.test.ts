import { describe, expect, it } from 'vitest';
import { LOGIN } from '../support/dovecot.ts';
import type { Mail } from '../support/mail-world.ts';
import { aMonth, DAY, HOUR, MINUTE, type Month } from '../support/month.ts';
import {
  ANSWERED_LEADS,
  behavioursOf,
  CUSTOMERS,
  correspondence,
  LATER_LEADS,
  LEADS,
  UNREACHABLE,
} from '../support/month-people.ts';

const ZONE = 'Europe/Berlin';
/** A Monday. The clocks go forward on the 29th. */
const MONDAY = Date.parse('2026-03-09T00:00:00.000Z');
const SUMMER = Date.parse('2026-03-29T02:00:00.000Z');
const DAYS = 31;
const WAIT_DAYS = 4;
const LEAVE = 'leave@northwind.example';
const PACE = {
  unsubscribe_mailto: LEAVE,
  signature: 'Sam Reed\nNorthwind Routes',
  send_hours: `Mon-Fri 09:00-17:00 ${ZONE}`,
  max_per_day: 4,
  gap_seconds: 600,
};
const EVERYBODY = [...LEADS, ...LATER_LEADS, ...CUSTOMERS].map(([person]) => person);

/** A time on the clocks of Berlin, on a day of the month. */
function berlin(day: number, hour: number, minute = 0): number {
  const at = MONDAY + day * DAY + hour * HOUR + minute * MINUTE;
  return at - (at < SUMMER ? 1 : 2) * HOUR;
}

/** How a time stands on the clocks of Berlin. */
function onTheWall(at: number) {
  const format = { timeZone: ZONE, weekday: 'short', day: '2-digit', month: '2-digit', hour: '2-digit' } as const;
  const parts = new Intl.DateTimeFormat('en-GB', { ...format, hourCycle: 'h23' }).formatToParts(at);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return { weekday: part('weekday'), date: `${part('day')}.${part('month')}`, hour: Number(part('hour')) };
}

// A row of the list is any JSON.
type Row = ReturnType<typeof JSON.parse>;
const isAnswer = ({ type, params }: Row) => type !== 'email_message' || params.in_reply_to !== undefined;

/** The person looks at what waits: they say no to what has moved on, and put a word of their own below the answers to leads. */
async function review({ call }: Month, isMeant: (row: Row) => boolean) {
  const { actions } = await call('list_pending_actions', { limit: 100 });
  for (const { run_id, contact_id, action_index, digest: expected_digest, changed_since, ...row } of actions) {
    if (!isMeant(row)) continue;
    const ref = { run_id, contact_id, action_index };
    const message = `${row.params.message}\n\nP.S. I will call you on Thursday.`;
    const edit = row.params.in_reply_to && contact_id in ANSWERED_LEADS ? { params: { ...row.params, message } } : {};
    if (changed_since) await call('reject_action', { ...ref, reason: 'It has moved on.' });
    else await call('approve_action', { ...ref, expected_digest, ...edit });
  }
}

/** Three agents at work, and a person who decides twice on each working day. */
async function employ({ call, agenda, identity, ...month }: Month & { tick: Month['tick'] }) {
  const agent = (playbook_template: string, stage: string, cron: string, config = {}) =>
    call('create_agent', {
      ...{ name: playbook_template, playbook_template, enabled: true, identity_id: identity.id, playbook: { config } },
      monitoring: { schedule_cron: cron, timezone: ZONE, filter: { lifecycle_stage: stage } },
    });
  await agent('follow_up', 'lead', '0 8 * * *', { wait_days: WAIT_DAYS });
  await agent('cold_outreach', 'lead', '30 8 * * 1-5');
  await agent('support_triage', 'customer', '0 8,12 * * *');
  for (let day = 0; day < DAYS; day++) {
    const isWorkday = ![5, 6].includes(day % 7);
    month.tick(berlin(day, 8));
    month.tick(berlin(day, 12));
    if (!isWorkday) continue;
    month.tick(berlin(day, 8, 30));
    agenda.push({ at: berlin(day, 12, 15), what: () => review({ call, agenda, identity, ...month }, isAnswer) });
    agenda.push({ at: berlin(day, 18, 30), what: () => review({ call, agenda, identity, ...month }, () => true) });
  }
}

/** What happens in the month, whoever writes. */
function happen(month: Month) {
  const { post, agenda, behaviours, call } = month;
  const words = correspondence(month);
  for (const [id, behaviour] of Object.entries(behavioursOf(words))) behaviours.set(`${id}@${id}.example`, behaviour);
  const at = (time: number, what: () => unknown) => agenda.push({ at: time, what: async () => what() });
  at(berlin(1, 20), () =>
    words.writes('cora', { subject: 'Login fails', text: 'I cannot log in since this morning.' }),
  );
  at(berlin(4, 3), () => post.open('lars@lars.example', { says: '550 5.1.1 No such user' }));
  at(berlin(6, 9), () => words.writes('dan', { subject: 'An invoice', text: 'Where is my invoice for March?' }));
  at(berlin(11, 3), () => post.open('olga@olga.example'));
  at(berlin(18, 7), () => call('import_contacts', { contacts: LATER_LEADS.map(([person]) => person) }));
  at(berlin(22, 9), () => words.writes('dan', { subject: 'A second invoice', text: 'And where is that for April?' }));
}

/** The mailboxes of everybody, and Sam's, when the month is over. */
async function liveThroughIt() {
  const month = await aMonth(new Date(berlin(0, 7)).toISOString(), PACE);
  const { call, post } = month;
  month.alias(LEAVE);
  for (const { id, email } of EVERYBODY) if (id !== 'nora') post.open(email);
  post.open('lars@lars.example', { says: '451 4.2.1 Try again later' });
  post.open('olga@olga.example', { away: 'I am out of the office until 20 March.' });
  await call('import_contacts', { contacts: [...LEADS, ...CUSTOMERS].map(([person]) => person) });
  await employ(month);
  happen(month);
  await month.until(MONDAY + DAYS * DAY);
  const boxes = new Map<string, Mail[]>();
  for (const { id, email } of EVERYBODY) boxes.set(id, id === 'nora' ? [] : await post.mails(email));
  return { boxes, sam: await post.mails(LOGIN.user) };
}

type Mailboxes = Awaited<ReturnType<typeof liveThroughIt>>;

const isProgram = (mail: Mail) => mail.header('auto-submitted') !== undefined;
/** What came back to Sam about a person, by whoever wrote it: answers, objections, complaints, bounces. */
function cameBack({ sam }: Mailboxes, id: string): Mail[] {
  const address = `${id}@${id}.example`;
  return sam.filter((mail) => {
    if (mail.header('x-failed-recipients') === address) return true;
    if (mail.source.includes(`Original-Rcpt-To: ${address}`)) return true;
    return mail.from.endsWith(`@${id}.example`) && !isProgram(mail);
  });
}

const outreachIn = (mails: readonly Mail[]) => mails.filter(({ inReplyTo }) => inReplyTo === undefined);
const answersIn = (mails: readonly Mail[]) => mails.filter(({ inReplyTo }) => inReplyTo !== undefined);

/** Nobody gets outreach after something came back; there are so many of them, never too close to each other. */
function expectOutreach(mailboxes: Mailboxes, id: string, count: number) {
  const outreach = outreachIn(mailboxes.boxes.get(id) ?? []);
  expect(
    outreach.map(({ subject }) => subject),
    id,
  ).toHaveLength(count);
  const [first] = cameBack(mailboxes, id);
  for (const [index, mail] of outreach.entries()) {
    if (first) expect(mail.at, `${id}: ${mail.subject}`).toBeLessThan(first.at);
    const before = outreach[index - 1];
    if (before) expect(mail.at - before.at, `${id}: ${mail.subject}`).toBeGreaterThanOrEqual(WAIT_DAYS * DAY);
    expect(mail.header('list-unsubscribe'), id).toMatch(/^<mailto:leave@northwind\.example\?subject=unsubscribe/);
    expect(mail.references, id).toEqual([]);
  }
}

/** An answer reads as a person would have written it: it goes on in the thread, below what was asked. */
function expectThread({ boxes, sam }: Mailboxes, id: string, count: number) {
  const box = boxes.get(id) ?? [];
  const answers = answersIn(box);
  expect(new Set(answers.map(({ inReplyTo }) => inReplyTo)).size, id).toBe(count);
  expect(answers, id).toHaveLength(count);
  const known = new Set([...box, ...sam].map((mail) => mail.id));
  for (const answer of answers) {
    const asked = sam.find((mail) => mail.id === answer.inReplyTo);
    expect(asked?.from, answer.subject).toMatch(new RegExp(`@${id}\\.example$`));
    expect(answer.references).toEqual([...(asked?.references ?? []), answer.inReplyTo]);
    expect(answer.references.filter((each) => !known.has(each))).toEqual([]);
    expect(answer.subject).toBe(`Re: ${asked?.subject.replace(/^(re: )+/i, '')}`);
    const [own = '', quoted = ''] = answer.text.split(/^On .* wrote:$/m);
    expect(own).toContain('Sam Reed\nNorthwind Routes');
    expect(own).not.toMatch(/^>/m);
    const said = (asked?.text ?? '').split('\n').filter((line) => line.trim() !== '' && !line.startsWith('>'));
    for (const line of said) expect(quoted).toContain(`\n> ${line}\n`);
    expect(answer.header('list-unsubscribe')).toBeUndefined();
    expect(isProgram(answer)).toBe(false);
  }
}

/** What Sam sends goes in the hours of the office, so many a day at most, and with a pause after each. */
function expectPace({ boxes }: Mailboxes) {
  const sent = [...boxes.values()].flat().sort((a, b) => a.at - b.at);
  const perDay = new Map<string, number>();
  for (const [index, mail] of sent.entries()) {
    const { weekday, date, hour } = onTheWall(mail.at);
    const when = `${mail.to} ${new Date(mail.at).toISOString()}`;
    expect(['Sat', 'Sun'], when).not.toContain(weekday);
    expect(hour, when).toBeGreaterThanOrEqual(9);
    expect(hour, when).toBeLessThan(17);
    perDay.set(date, (perDay.get(date) ?? 0) + 1);
    const before = sent[index - 1];
    if (before) expect(mail.at - before.at, when).toBeGreaterThanOrEqual(PACE.gap_seconds * 1_000);
  }
  expect(Math.max(...perDay.values())).toBe(PACE.max_per_day);
  expect(sent.some(({ at }) => at > SUMMER)).toBe(true);
}

describe('a month of outreach, follow-ups and support, by real mail servers', () => {
  it('leaves in each mailbox what a considerate person would have sent', async () => {
    const mailboxes = await liveThroughIt();
    for (const [{ id }, count] of [...LEADS, ...LATER_LEADS]) expectOutreach(mailboxes, id, count);
    for (const [{ id }] of CUSTOMERS) expectOutreach(mailboxes, id, 0);
    for (const [{ id }, count] of CUSTOMERS) expectThread(mailboxes, id, count);
    for (const [{ id }] of [...LEADS, ...LATER_LEADS]) expectThread(mailboxes, id, ANSWERED_LEADS[id] ?? 0);
    for (const id of UNREACHABLE) expect(cameBack(mailboxes, id), id).toHaveLength(1);
    // She was away, and her program said so: that is no answer.
    expect(mailboxes.sam.filter((mail) => mail.from === 'olga@olga.example' && isProgram(mail))).toHaveLength(2);
    expectPace(mailboxes);
  });
});
