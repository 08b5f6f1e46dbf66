import { describe, expect, it } from 'vitest';
import { Book } from './support.ts';

/** The flag that one cell of one column leaves, and what the import says of it. */
function said(column: string, value: unknown, mapping?: Record<string, string | null>) {
  const book = new Book();
  const outcome = book.contactValues(
    [{ id: '1', email: 'a@b.example', [column]: value }, { id: '2' }, { id: '3' }],
    mapping,
  );
  const { do_not_email, do_not_contact, bounced } = book.get('1') ?? {};
  return { do_not_email, do_not_contact, bounced, warnings: outcome.tally.warnings(), tally: outcome.tally };
}

describe('a column that says an opt-out', () => {
  it.each([
    ...['Unsubscribed from all email', 'Email Opt Out', 'HasOptedOutOfEmail', 'hs_email_optout', 'Unsubscribed Mode'],
    ...['UNSUB_TIME', 'unsubscribed_from_emails', 'marked_email_as_spam', 'EMAIL_BLACKLISTED', 'Blocklisted', 'DNC'],
    ...[
      'do_not_mail',
      'donotbulkemail',
      'No Email',
      'Complained',
      'Opted-out of marketing e-mails',
      'Email suppressed',
    ],
    ...['Abgemeldet', 'Keine E-Mails', 'Désabonné', 'Ne pas contacter', 'Dado de baja', 'Geen e-mail', 'Disiscritto'],
    ...['Descadastrado', 'Wypisany', 'Отписан', '配信停止', '退订', '수신거부', 'Ingen e-post', 'Consent withdrawn'],
  ])('is %s: yes sets do_not_email, no does not, and the result counts it', (column) => {
    const yes = said(column, 'Yes');
    expect(yes).toMatchObject({ do_not_email: true, do_not_contact: false });
    expect(yes.tally.columns([]).taken[column]).toBe('do_not_email (1 contact)');
    expect(said(column, 'No')).toMatchObject({ do_not_email: false, warnings: [] });
  });

  it.each([
    ...[
      'Do Not Call',
      'DoNotCall',
      'SMS Opt Out',
      'Fax Opt Out',
      'HasOptedOutOfFax',
      'Phone opt-out',
      'SMS_BLACKLISTED',
    ],
    ...[
      'Direct Mail Opt Out',
      'WhatsApp unsubscribed',
      'Unsubscribe Link',
      'Newspaper',
      'Not Interested',
      'Do Not Post',
    ],
  ])('is not %s, which stays a column', (column) => {
    const { tally, ...flags } = said(column, 'Yes');
    expect(flags).toMatchObject({ do_not_email: false, do_not_contact: false, bounced: false, warnings: [] });
    expect(tally.columns([]).kept).toEqual([column]);
  });

  it.each([
    ...[
      'Stage: Do Not Contact',
      'Status: unsubscribed',
      'Last Activity: Unsubscribed',
      'Last Activity: Email Marked Spam',
    ],
    ...['Tags: vip; opted out', 'Labels: * myContacts ::: Do not email', 'Marketing status: unsubscribed'],
    ...['Email Marketing Consent: UNSUBSCRIBED', 'Lead Status: DNC'],
  ])('may be a status: %s', (text) => {
    const [column = ''] = text.split(': ');
    const value = text.slice(column.length + 2);
    expect(said(column, value)).toMatchObject({ do_not_email: true });
  });

  it('is read in nested traits too', () => {
    expect(said('preferences', { email: { unsubscribed: true } })).toMatchObject({ do_not_email: true });
    expect(said('tags', ['vip', 'unsubscribed'])).toMatchObject({ do_not_email: true });
    expect(said('profile', { city: 'Rome', sms_opt_out: true })).toMatchObject({ do_not_email: false });
  });
});

describe('the words of a flag', () => {
  it.each([
    ...[
      'yes',
      'Y',
      'T',
      '1',
      'on',
      'x',
      'checked',
      '✓',
      'oui',
      'Ja',
      'sí',
      'Sim',
      'да',
      'はい',
      'WAHR',
      'VRAI',
      'unsubscribed',
    ],
    ...[
      'opted out',
      '2026-03-04',
      '2026-03-04 10:22:11',
      '04.03.2026',
      '3/4/2026',
      'Mar 4, 2026',
      '4 March 2026',
      1772619731,
    ],
  ])('take %j for set, without a warning', (word) => {
    expect(said('do_not_email', word)).toMatchObject({ do_not_email: true, warnings: [] });
  });

  it.each([
    ...[
      'no',
      'N',
      'f',
      '0',
      'off',
      'nein',
      'non',
      'não',
      'нет',
      'いいえ',
      'FALSCH',
      'subscribed',
      'active',
      'opted in',
    ],
    ...['', '-', 'NULL', 'none', '#N/A', 'https://x.example/unsubscribe?u=1', '0000-00-00 00:00:00', false, null],
  ])('take %j for not set', (word) => {
    expect(said('do_not_email', word)).toMatchObject({ do_not_email: false, warnings: [] });
  });

  it.each(['maybe', '3'])('set the flag for %j, which nobody knows, and say so', (word) => {
    const { do_not_email, warnings } = said('do_not_email', word);
    expect(do_not_email).toBe(true);
    expect(warnings.join()).toContain('neither yes nor no');
  });

  it.each(['no_consent', 'never subscribed', 'Non-subscribed', 'transactional', 'pending', 'Non-marketing contact'])(
    'set nothing for %j, which says that nobody asked, and say so',
    (word) => {
      const { do_not_email, warnings } = said('Marketing status', word);
      expect(do_not_email).toBe(false);
      expect(warnings.join()).toContain('1 contact that nobody asked');
    },
  );
});

describe('a column that asks the other way round', () => {
  it.each(['Email Opt-In', 'Marketing consent', 'Newsletter', 'Accepts Marketing', 'Einwilligung'])(
    'such as %s warns where it says no; mapped, no sets the flag and yes does not',
    (column) => {
      expect(said(column, 'no')).toMatchObject({ do_not_email: false });
      expect(said(column, 'no').warnings.join()).toContain(`"${column}" says no for 1 contact`);
      expect(said(column, 'yes').warnings).toEqual([]);
      const mapping = { do_not_email: column };
      expect(said(column, 'no', mapping)).toMatchObject({ do_not_email: true });
      expect(said(column, 'yes', mapping)).toMatchObject({ do_not_email: false });
      expect(said(column, '2026-01-01', mapping)).toMatchObject({ do_not_email: false });
    },
  );
});

describe('bounced', () => {
  it.each(['Email Bounced', 'has_hard_bounced', 'CLEAN_TIME', 'Undeliverable'])('is set by %s', (column) => {
    const bounced = said(column, 'true');
    expect(bounced).toMatchObject({ do_not_email: false, bounced: true });
  });

  it('is not set by a soft bounce or a rate', () => {
    for (const column of ['Soft bounced', 'Bounce rate']) expect(said(column, '1')).toMatchObject({ bounced: false });
  });
});

describe('mapping do_not_email to null', () => {
  it('switches the guess off, and tells which columns hold objections', () => {
    const off = said('Unsubscribed', 'yes', { do_not_email: null });
    expect(off.do_not_email).toBe(false);
    expect([...off.tally.waived]).toEqual([['Unsubscribed', 1]]);
    expect([...said('Unsubscribed', 'no', { do_not_email: null }).tally.waived]).toEqual([]);
  });

  it('leaves the flag by its own name alone, and takes no other field', () => {
    expect(said('Do Not Email', 'yes', { do_not_email: null }).do_not_email).toBe(true);
    expect(() => said('City', 'Rome', { city: null })).toThrow('only do_not_email takes null');
  });

  it('is no way to overlook a flag by mapping another column to it', () => {
    const book = new Book();
    book.text('id,Do Not Email,Other\n1,yes,no\n', 'csv', { do_not_email: 'Other' });
    expect(book.get('1')?.do_not_email).toBe(true);
  });
});
