import { beforeEach, describe, expect, it } from 'vitest';
import type { BlockingFlag, Contact } from '../../src/domain/contacts/contact.ts';
import { type KeptObjection, keptObjection, objectionDigest } from '../../src/domain/contacts/kept-objections.ts';
import type { Event } from '../../src/domain/state/events.ts';
import { aContact } from '../support/fixtures.ts';
import { at, SharedHome } from '../support/port.ts';

let home: SharedHome;
beforeEach(() => {
  home = new SharedHome();
});

const SALT = 'salt of this home';
const met = (...contacts: (Partial<Contact> & { id: string })[]): Event => ({
  type: 'contacts_saved',
  contacts: contacts.map((contact) => aContact(contact)),
});
const born = (day: number) => ({ created_at: `2026-01-0${day}T00:00:00.000Z` });
const holders = (...addresses: string[]) =>
  home.told((view) => addresses.map((address) => view.contactsAt(address).map(({ id }) => id)));

describe('the contacts that have an address', () => {
  it('are all of them, the oldest first, however the address is written', async () => {
    await home.write(
      met({ id: 'c', ...born(3), email: 'ann@bücher.example' }, { id: 'a', ...born(1), email: 'Ann@BÜCHER.example' }),
      met({ id: 'b', ...born(2), email: '<ann@xn--bcher-kva.example>' }, { id: 'x', email: 'bob@bücher.example' }),
    );
    expect(await holders('ann@xn--bcher-kva.example', 'MAILTO:Ann@Bücher.Example', 'nobody@bücher.example')).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      [],
    ]);
  });

  it('lose one that gets another address, and one that is deleted', async () => {
    const email = 'ann@example.com';
    await home.write(
      met({ id: 'a', ...born(1), email }, { id: 'b', ...born(2), email }, { id: 'c', ...born(3), email }),
    );
    await home.write(met({ id: 'a', ...born(1), email: 'other@example.com' }));
    expect(await holders(email, 'other@example.com')).toEqual([['b', 'c'], ['a']]);
    await home.write({ type: 'contact_deleted', contact_id: 'b', run_ids: [] });
    expect(await holders(email)).toEqual([['c']]);
    await home.write({ type: 'contact_deleted', contact_id: 'c', run_ids: [] });
    expect(await holders(email)).toEqual([[]]);
  });

  it('are told with all that they hold', async () => {
    await home.write(met({ id: 'a', email: 'ann@example.com', do_not_email: true, plan: 'pro' }));
    const told = await home.told((view) => view.contactsAt('ann@example.com'));
    expect(told).toMatchObject([{ id: 'a', do_not_email: true, plan: 'pro' }]);
  });
});

describe('what an address of an erased contact objected to', () => {
  const objected = (email: string, ...flags: BlockingFlag[]): KeptObjection => ({
    salt: SALT,
    digest: objectionDigest(SALT, email),
    flags,
  });
  const erased = (contact_id: string, kept?: KeptObjection): Event => ({
    ...{ type: 'contact_deleted', contact_id, run_ids: [], stand_in: `erased_${contact_id}` },
    ...(kept ? { objected: kept } : {}),
  });
  const kept = (...addresses: string[]) =>
    home.told((view) => addresses.map((address) => keptObjection(view.erasures(), address)));

  it('is kept by a salted digest, which finds it by any spelling of the address and tells nothing', async () => {
    await home.write(met({ id: 'a', email: 'ann@example.com' }, { id: 'b', email: 'bob@example.com' }));
    await home.write(erased('a', objected('ann@example.com', 'do_not_email')), erased('b'));
    expect(await kept('ann@example.com', 'ANN@Example.com', 'bob@example.com')).toEqual([
      ['do_not_email'],
      ['do_not_email'],
      undefined,
    ]);
    const objections = await home.told((view) => view.erasures().objections);
    expect(JSON.stringify(objections)).not.toMatch(/ann|example/i);
  });

  it('is that of the last erasure, for each address apart', async () => {
    await home.write(met({ id: 'a', email: 'ann@example.com' }, { id: 'b', email: 'bob@example.com' }));
    await home.write(erased('a', objected('ann@example.com', 'do_not_email')));
    await home.write(erased('b', objected('bob@example.com', 'bounced')));
    await home.write(met({ id: 'c', email: 'ann@example.com' }));
    await home.write(erased('c', objected('ann@example.com', 'do_not_email', 'do_not_contact')));
    expect(await kept('ann@example.com', 'bob@example.com')).toEqual([['do_not_email', 'do_not_contact'], ['bounced']]);
  });

  it('goes once a person lifted it, and nothing else does', async () => {
    await home.write(erased('a', objected('ann@example.com', 'do_not_email')));
    await home.write(erased('b', objected('bob@example.com', 'bounced')));
    const digests = [objectionDigest(SALT, 'ann@example.com')];
    await home.write({ type: 'objections_lifted', digests, at: at(5), via: 'human' });
    expect(await kept('ann@example.com', 'bob@example.com')).toEqual([undefined, ['bounced']]);
  });
});
