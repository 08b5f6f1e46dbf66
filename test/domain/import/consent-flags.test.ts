import { describe, expect, it } from 'vitest';
import { withFlagsOfColumns } from '../../../src/domain/import/read-flags.ts';
import { aContact } from '../../support/fixtures.ts';
import { Book, counts } from './support.ts';

/** The flag that one cell of one column leaves, and what the import says of it. */
describe('a flag', () => {
  it('keeps what set it, once for each column and value, and is never cleared', () => {
    const book = new Book();
    book.text('id,Unsubscribed\n1,yes\n');
    expect(counts(book.text('id,Unsubscribed\n1,yes\n'))).toEqual({ unchanged: 1 });
    expect(counts(book.text('id,Unsubscribed\n1,no\n'))).toEqual({ updated: 1, kept_consent: 1 });
    book.text('id,Email Opt Out\n1,true\n');
    expect(book.get('1')?.consent_sources).toEqual([
      {
        flag: 'do_not_email',
        column: 'Unsubscribed',
        value: 'yes',
        import_id: 'imp_1',
        at: '2026-01-01T00:00:00.000Z',
      },
      {
        flag: 'do_not_email',
        column: 'Email Opt Out',
        value: 'true',
        import_id: 'imp_4',
        at: '2026-01-01T00:03:00.000Z',
      },
    ]);
  });

  it('is set by a row with an error for the contacts that the row names', () => {
    const book = new Book();
    book.text('id,email\n1,a@b.example\n');
    const outcome = book.text('id,email,unsubscribed\n1,not an address,yes\n9,neither,yes\n');
    expect(outcome.error_count).toBe(2);
    expect(book.get('1')?.do_not_email).toBe(true);
    expect(outcome.tally.warnings().join()).toMatch(/1 row with an error said an objection: it holds.*1 row .* lost/s);
  });

  it('is told first where one column sets it for over half of the rows', () => {
    const outcome = new Book().text('id,DNC,x\n1,yes,1\n2,yes,1\n3,no,1\n');
    expect(outcome.tally.warnings()[0]).toBe(
      'The column "DNC" sets do_not_email for 2 of 3 rows: nobody of them gets an email. Check that it says what it seems to.',
    );
  });
});

describe('events', () => {
  it.each(['Unsubscribed', 'Email Marked as Spam', 'email_unsubscribed', 'Spam Complaint', 'Unsubscribe Link Clicked'])(
    'such as %s set do_not_email',
    (name) => {
      const book = new Book();
      book.eventValues([{ contact_id: '1', type: 'track', name }]);
      expect(book.get('1')?.do_not_email).toBe(true);
    },
  );

  it('set nothing by a visit, another channel or a soft bounce; a bounce sets bounced', () => {
    const book = new Book();
    book.eventValues([
      { contact_id: '1', type: 'page', name: 'Unsubscribe' },
      { contact_id: '1', type: 'track', name: 'SMS Unsubscribed' },
      { contact_id: '1', type: 'track', name: 'Email Bounced', properties: { bounce_type: 'soft' } },
      { contact_id: '2', type: 'track', name: 'Email Bounced' },
    ]);
    expect(book.get('1')).toMatchObject({ do_not_email: false, bounced: false });
    expect(book.get('2')).toMatchObject({ do_not_email: false, bounced: true });
  });

  it('hold although their time is wrong', () => {
    const book = new Book();
    book.text('id\n1\n');
    const outcome = book.eventValues([
      { contact_id: '1', type: 'track', name: 'Unsubscribed', timestamp: '2099-01-01' },
    ]);
    expect(outcome.error_count).toBe(1);
    expect(book.get('1')?.do_not_email).toBe(true);
  });
});

describe('a contact of a home of before', () => {
  it('gets the flags that its plain columns say, and where they come from', () => {
    const at = '2026-03-02T09:30:00.000Z';
    const before = aContact({
      'Unsubscribed from all email': 'Yes',
      Email: 'old@b.example',
      'E-mail': 'x',
      Stage: 'Lead',
    });
    expect(withFlagsOfColumns(before, at)).toEqual({
      ...before,
      do_not_email: true,
      updated_at: at,
      consent_sources: [
        { flag: 'do_not_email', column: 'Unsubscribed from all email', value: 'Yes', import_id: 'before', at },
      ],
    });
    expect(withFlagsOfColumns(aContact({ unsubscribed: false, plan: 'unsubscribed' }), at)).toBeUndefined();
    expect(withFlagsOfColumns(aContact({ do_not_email: true, unsubscribed: true }), at)).toBeUndefined();
  });
});
