import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { DecisionEntry } from '../../src/domain/decisions/decision.ts';
import type { SignedProof } from '../../src/domain/decisions/signed-proof.ts';
import type { ActionChange } from '../../src/domain/runs/action-change.ts';
import type { ActionRef } from '../../src/domain/runs/run.ts';
import { deleteContact } from '../../src/engine/contacts/delete-contact.ts';
import { approve } from '../../src/engine/review/approve.ts';
import type { SoftPasskey } from '../support/authenticator.ts';
import { softPasskey } from '../support/authenticator.ts';
import { Forger } from '../support/forger.ts';
import { MAYA, SigningHome, signed } from '../support/signing.ts';

let home: SigningHome;
let soft: SoftPasskey;
let refs: ActionRef[];

/** A home in which the email to `p0` was signed for, and the one to `p1` approved at the desk without a signature. */
beforeEach(async () => {
  home = new SigningHome();
  await home.contacts(2);
  soft = await home.enrol();
  refs = await home.proposed();
  const [one, two] = refs;
  if (!one || !two) throw new Error('nothing waits');
  const expected_digest = await home.digest(one);
  const proof = signed(soft, 'approve', expected_digest);
  await approve(home.house, MAYA, { ...one, expected_digest, via: 'signed', proof }, 5);
  await approve(home.house, MAYA, { ...two, expected_digest: await home.digest(two), via: 'human' }, 5);
  await home.settled();
});

/** What an audit finds once somebody who may write the home's files has altered the log, and made all digests anew. */
async function found(forge: (forger: Forger) => void): Promise<string> {
  await home.house.store.close();
  const forger = new Forger(home.home);
  forge(forger);
  forger.write();
  return (await home.faults()).join('\n');
}

/** The signed commit of the log: its proof, its entry and its change. */
function signedIn(forger: Forger): { proof: SignedProof; entry: DecisionEntry; change: ActionChange } {
  const { change } = forger.change('p0');
  const [event] = [...forger.of('signed')];
  if (!event) throw new Error('nothing was signed');
  return { proof: event.event.proof, entry: forger.entry('p0'), change };
}

/** Puts another proof where one stands, in the entry and beside it. */
function replaceProof(forger: Forger, proof: SignedProof): void {
  for (const { event } of forger.of('signed')) event.proof = proof;
  signedIn(forger).entry.proof = proof;
}

/** The text of all files that the home's log and state are in. */
function everyFileOf(folder: string): string {
  const names = ['log', 'state'].flatMap((part) =>
    fs.readdirSync(path.join(folder, part), { recursive: true, encoding: 'utf8' }).map((name) => path.join(part, name)),
  );
  const files = names.map((name) => path.join(folder, name)).filter((file) => fs.statSync(file).isFile());
  return files.map((file) => fs.readFileSync(file, 'utf8')).join('\n');
}

describe('an audit of what was signed', () => {
  it('finds nothing in a log that nobody altered, and counts what was signed', async () => {
    expect(await found(() => undefined)).toBe('');
    expect((await home.house.store.audit()).signatures.counts).toEqual({ signatures: 1, entries: 1 });
  });

  it.each<[string, (forger: Forger) => void, RegExp]>([
    [
      'another digest was signed',
      (forger) => replaceProof(forger, signed(soft, 'approve', 'another')),
      /has a digest that is none of those that were signed/,
    ],
    [
      'another decision was signed',
      (forger) => {
        replaceProof(forger, signed(soft, 'reject', forger.entry('p0').digest ?? ''));
      },
      /tells of "approved", and "reject" was signed/,
    ],
    [
      'another key signed',
      (forger) => replaceProof(forger, signed(softPasskey(), 'approve', forger.entry('p0').digest ?? '')),
      /signed by no passkey that its person had then/,
    ],
    [
      'nobody was verified',
      (forger) => {
        const digests = [forger.entry('p0').digest ?? ''];
        replaceProof(forger, soft.proof({ decision: 'approve', digests, nonce: 'n' }, { flags: 1 }));
      },
      /didn't verify the person/,
    ],
    [
      'the signature is another one',
      (forger) => {
        const { proof } = signedIn(forger);
        replaceProof(forger, { ...proof, signature: signed(soft, 'approve', 'x').signature });
      },
      /doesn't match its key/,
    ],
    [
      'the statement is another one',
      (forger) => {
        const { proof } = signedIn(forger);
        replaceProof(forger, { ...proof, digests: [...proof.digests, 'more'] });
      },
      /something else was signed/,
    ],
    [
      'the proof is gone',
      (forger) => {
        delete signedIn(forger).entry.proof;
      },
      /holds no signature, although its proof is "signed"/,
    ],
    [
      'a decision of another proof is said to be signed',
      (forger) => {
        const { change } = forger.change('p1');
        change.set.decided_via = 'signed';
        forger.entry('p1').via = 'signed';
      },
      /holds no signature, although/,
    ],
    [
      'a signature is used for another decision',
      (forger) => {
        const { proof } = signedIn(forger);
        const { line, change } = forger.change('p1');
        change.set.decided_via = 'signed';
        Object.assign(forger.entry('p1'), { via: 'signed', proof });
        line.events.push({ type: 'signed', proof, at: line.at });
      },
      /had counted before/,
    ],
    [
      'what was signed is said to be of another text',
      (forger) => {
        const { entry } = signedIn(forger);
        const made = entry.personal?.made_of;
        if (made) made.action = ['email_message', { message: 'Another text' }, 'p0@example.com', null];
      },
      /has a digest that isn't of what it says was signed/,
    ],
    [
      'the passkey was never enrolled',
      (forger) => {
        for (const { line } of forger.of('passkey_added'))
          line.events = line.events.filter(({ type }) => type !== 'passkey_added' && type !== 'decisions_recorded');
      },
      /signed by no passkey that its person had then/,
    ],
    [
      'the passkey was somebody else’s',
      (forger) => {
        for (const { event } of forger.of('passkey_added')) event.passkey.person = 'p_bo';
      },
      /signed by no passkey that its person had then/,
    ],
    [
      'the passkey has another key',
      (forger) => {
        for (const { event } of forger.of('passkey_added')) event.passkey.public_key = softPasskey().publicKey;
      },
      /signed by no passkey that its person had then/,
    ],
    [
      'a second passkey came without a signature',
      (forger) => {
        const [added] = [...forger.of('passkey_added')];
        if (!added) throw new Error('no passkey');
        const other = { ...added.event.passkey, ...softPasskey().credential() };
        forger.append({ ...added.event, passkey: other });
      },
      /a further passkey is signed for by one that is there/,
    ],
    [
      'a commit has a signature and decides nothing',
      (forger) =>
        forger.append({ type: 'signed', proof: signed(soft, 'approve', 'x'), at: '2026-03-02T09:00:00.000Z' }),
      /holds a signature that no entry tells of/,
    ],
    [
      'signing went off without a passkey',
      (forger) => {
        const at = '2026-03-02T09:00:00.000Z';
        forger.append({ type: 'signing_set', on: false, person: 'owner', at, by: 'maya', via: 'human' });
      },
      /signing was to go off without its passkey/,
    ],
    [
      'a proof is no proof at all',
      (forger) => {
        const { proof } = signedIn(forger);
        Object.assign(proof, { digests: 'x', signature: 1 });
        signedIn(forger).entry.proof = proof;
      },
      /holds no signature|isn't whole/,
    ],
  ])('notices that %s', async (_, forge, fault) => {
    expect(await found(forge)).toMatch(fault);
  });

  it('holds after the person’s erasure: the proof stays, and what told of the person goes', async () => {
    const [before] = (await home.entries()).filter(({ via }) => via === 'signed');
    expect(everyFileOf(home.home)).toContain('Hi Person 0');
    await deleteContact(home.house, 'test', 'p0');
    expect(everyFileOf(home.home)).not.toContain('Hi Person 0');
    const [after] = (await home.entries()).filter(({ via }) => via === 'signed');
    expect(after).toMatchObject({ proof: before?.proof, digest: before?.digest });
    expect(after).not.toHaveProperty('personal');
    expect(await home.faults()).toEqual([]);
    expect((await home.house.store.audit()).signatures.counts).toEqual({ signatures: 1, entries: 1 });
  });

  it('a state that is read anew from the log knows what was spent, and who can sign', async () => {
    const first = await home.house.read((view) => [...view.passkeys().keys.values()]);
    const [signature] = (await home.entries()).flatMap(({ proof }) => proof ?? []);
    await found(() => undefined);
    expect(await home.house.read((view) => [...view.passkeys().keys.values()])).toEqual(first);
    expect(await home.house.read((view) => view.isSpent(signature?.nonce ?? ''))).toBe(true);
  });
});
