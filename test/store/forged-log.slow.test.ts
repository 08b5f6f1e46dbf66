import { beforeEach, describe, expect, it } from 'vitest';
import { bindingOf, paramsDigest } from '../../src/domain/decisions/binding.ts';
import type { Proof } from '../../src/domain/runs/run.ts';
import { auditOf, decidedHome } from '../support/forged-scene.ts';
import { Forger } from '../support/forger.ts';

let home: string;
/** The head when everything was decided, before anybody was erased or anything forged. */
let head: string;

beforeEach(async () => {
  const made = await decidedHome();
  home = made.home;
  head = made.head;
});

const audited = (expectHead?: string) => auditOf(home, expectHead);

async function faults(expectHead?: string): Promise<string> {
  return (await audited(expectHead)).faults.join('\n');
}

/** The forger makes the entry about a contact fit what the log says after the forgery. */
function bind(forger: Forger, contactId: string, bound: { message: string; email: string; via: Proof }): void {
  const entry = forger.entry(contactId);
  const { salt = '' } = entry.personal ?? {};
  const params = paramsDigest({ subject: 'Hello', message: bound.message });
  entry.binds = bindingOf(salt, { params, recipient: bound.email, decided_via: bound.via });
  entry.via = bound.via;
  if (entry.personal) entry.personal.recipient = bound.email;
}

function alterParams(forger: Forger): void {
  for (const { event } of forger.of('results_recorded'))
    for (const { proposed_actions } of event.results)
      for (const action of proposed_actions) action.params = { subject: 'Hello', message: 'Send me money.' };
}

function alterRecipient(forger: Forger): void {
  for (const { event } of forger.of('contacts_saved'))
    for (const contact of event.contacts) if (contact.id === 'p0') contact.email = 'mallory@example.com';
}

const alterProof = (forger: Forger) => {
  forger.change('p0').change.set.decided_via = 'human';
};

describe('a log that somebody put together again with every digest and chain recomputed', () => {
  it('is found whole where nothing was altered, and by its head', async () => {
    new Forger(home).write();
    expect(await faults(head)).toBe('');
  });

  it.each([
    ['what was sent', alterParams, 'the params, the recipient or the proof'],
    ['to whom it went', alterRecipient, 'another recipient'],
    ['a plain call, made a yes at the terminal', alterProof, 'the params, the recipient or the proof'],
    [
      'that and the proof in the entry',
      (forger: Forger) => {
        alterProof(forger);
        forger.entry('p0').via = 'human';
      },
      'the params, the recipient or the proof',
    ],
    [
      'the recipient in the entry',
      (forger: Forger) => Object.assign(forger.entry('p0').personal ?? {}, { recipient: 'mallory@example.com' }),
      'the params, the recipient or the proof',
    ],
    [
      'an entry that binds nothing any more, as if it were from before',
      (forger: Forger) => delete forger.entry('p1').binds,
      'binds nothing',
    ],
    [
      'a proof that was added after the decision',
      (forger: Forger) => {
        const sent = [...forger.of('actions_changed')].flatMap(({ event }) => event.changes);
        for (const change of sent) if (change.to === 'executed') change.set.decided_via = 'human';
      },
      'without a decision',
    ],
    [
      'an entry redacted although nobody was deleted',
      (forger: Forger) => {
        const entry = forger.entry('p0');
        delete entry.personal;
        forger.append({ type: 'decisions_redacted', seqs: [entry.seq] });
      },
      "wasn't deleted",
    ],
  ])('is noticed by what its entries bind: %s', async (_what, alter, words) => {
    const forger = new Forger(home);
    alter(forger);
    forger.write();
    expect(await faults()).toContain(words);
  });

  it.each([
    ['the params', alterParams, { message: 'Send me money.', email: 'p0@example.com', via: 'client' as const }],
    ['the recipient', alterRecipient, { message: 'As agreed.', email: 'mallory@example.com', via: 'client' as const }],
    ['the proof', alterProof, { message: 'As agreed.', email: 'p0@example.com', via: 'human' as const }],
  ])('is noticed by an earlier head where the entries were bound anew to %s', async (what, alter, bound) => {
    const forger = new Forger(home);
    alter(forger);
    bind(forger, 'p0', bound);
    if (what === 'the params') bind(forger, 'p1', { ...bound, email: 'p1@example.com' });
    if (what === 'the params') bind(forger, 'p2', { ...bound, email: 'p2@example.com' });
    forger.write();
    // Without a head this is another log, consistent in itself.
    expect(await faults()).toBe('');
    expect(await faults(head)).toContain('no commit has the head');
  });

  it('is noticed by every head from the altered commit on, whoever wrote it', async () => {
    const forger = new Forger(home);
    const { line } = forger.change('p2');
    line.by = 'mallory';
    forger.write();
    expect(await faults()).toBe('');
    expect(await faults(head)).toContain(`no commit has the head ${head}`);
  });

  it('is noticed where it lost its end, and where the head is of another log', async () => {
    const forger = new Forger(home);
    forger.lines.pop();
    forger.write();
    expect(await faults(head)).toContain(`no commit has the head ${head}`);
    expect(await faults('of no log')).toContain('or it is of another log');
  });
});
