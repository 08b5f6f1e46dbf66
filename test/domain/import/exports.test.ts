import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Book, counts } from './support.ts';

/** Exports as their makers' programs write them, of invented people: `test/exports`. */
const exportOf = (name: string) => fs.readFileSync(new URL(`../../exports/${name}.csv`, import.meta.url), 'utf8');

/** What an import of an export leaves: who may be written to, and what it took. */
function imported(name: string, mapping?: Record<string, string>) {
  const book = new Book();
  const outcome = book.text(exportOf(name), 'csv', mapping);
  const people = [...book.contacts.values()];
  const flagged = (flag: string) => people.flatMap((contact) => (contact[flag] ? [contact.email ?? contact.id] : []));
  return {
    counts: counts(outcome),
    columns: outcome.tally.columns([]),
    warnings: outcome.tally.warnings(),
    emails: people.map(({ email }) => email),
    names: people.map(({ firstname, lastname }) => [firstname, lastname].join(' ')),
    objecting: flagged('do_not_email'),
    bounced: flagged('bounced'),
    again: () => counts(book.text(exportOf(name), 'csv', mapping)),
    people,
  };
}

const NAMES = ['Mira Oduya', 'Jon Bell', 'Zoë Martin'];
const EMAILS = ['mira@alder.example', 'jon@birch.example', 'zoe@cedar.example'];

describe('an export comes in at the first try:', () => {
  it('HubSpot', () => {
    const hubspot = imported('hubspot');
    expect(hubspot.counts).toEqual({ created: 4 });
    expect(hubspot.emails).toEqual([...EMAILS, 'ola@dogwood.example']);
    expect(hubspot.objecting).toEqual(['jon@birch.example', 'zoe@cedar.example']);
    expect(hubspot.bounced).toEqual(['ola@dogwood.example']);
    expect(hubspot.columns.taken).toMatchObject({
      Email: 'email',
      'First Name': 'firstname',
      'Lifecycle Stage': 'lifecycle_stage',
      'Unsubscribed from all email': 'do_not_email (1 contact)',
      'Opted out of email: Marketing Information': 'do_not_email (1 contact)',
      'Email hard bounce reason': 'bounced (1 contact)',
    });
    expect(hubspot.warnings.join()).toContain('"Marketing contact status" says of 1 contact that nobody asked');
    expect(hubspot.again()).toEqual({ unchanged: 4 });
  });

  it('Salesforce, whose fax opt-out and "Do Not Call" stay columns', () => {
    const salesforce = imported('salesforce', { id: 'Contact ID' });
    expect(salesforce.counts).toEqual({ created: 3 });
    expect(salesforce.objecting).toEqual(['jon@birch.example']);
    expect(salesforce.columns.kept).toEqual(expect.arrayContaining(['Fax Opt Out', 'Do Not Call', 'Account Name']));
    expect(salesforce.columns.taken).toMatchObject({ 'Contact ID': 'id', 'Email Opt Out': 'do_not_email (1 contact)' });
    expect(salesforce.columns.left_out).toEqual(expect.arrayContaining(['Mobile', 'Fax']));
    expect(salesforce.again()).toMatchObject({ unchanged: 3 });
  });

  it('Pipedrive, with one name for both, and the home address where there is no other', () => {
    const pipedrive = imported('pipedrive');
    expect(pipedrive).toMatchObject({ counts: { created: 3 }, names: NAMES, emails: EMAILS });
    expect(pipedrive.objecting).toEqual(['jon@birch.example']);
    expect(pipedrive.columns.taken).toMatchObject({
      'Person - Name': 'firstname, lastname',
      'Person - Email - Work': 'email',
      'Person - Marketing status': 'do_not_email (1 contact)',
    });
    expect(pipedrive.again()).toEqual({ unchanged: 3 });
  });

  it('Zoho', () => {
    const zoho = imported('zoho', { id: 'Record Id' });
    expect(zoho).toMatchObject({ counts: { created: 3 }, names: NAMES, emails: EMAILS });
    expect(zoho.objecting).toEqual(['jon@birch.example', 'zoe@cedar.example']);
    expect(zoho.columns.taken).toMatchObject({
      'Email Opt Out': 'do_not_email (1 contact)',
      'Unsubscribed Mode': 'do_not_email (1 contact)',
      'Unsubscribed Time': 'do_not_email (1 contact)',
    });
  });

  it('Apollo, whose stage says who objects', () => {
    const apollo = imported('apollo');
    expect(apollo.counts).toEqual({ created: 3 });
    expect(apollo.objecting).toEqual(['jon@birch.example']);
    expect(apollo.bounced).toEqual(['ola@dogwood.example']);
    expect(apollo.columns.taken).toMatchObject({
      Stage: 'do_not_email (1 contact)',
      Email: 'email',
      'Email Bounced': 'bounced (1 contact)',
    });
    expect(apollo.people[1]).toMatchObject({ Stage: 'Do Not Contact', company: 'Birch Ltd' });
  });

  it("Mailchimp's unsubscribed, and the first warning says that nobody gets an email", () => {
    const mailchimp = imported('mailchimp');
    expect(mailchimp.counts).toEqual({ created: 2 });
    expect(mailchimp.objecting).toEqual(['mira@alder.example', 'jon@birch.example']);
    expect(mailchimp.warnings[0]).toContain('"UNSUB_TIME" sets do_not_email for 2 of 2 rows');
    expect(mailchimp.columns.taken).toMatchObject({
      'Email Address': 'email',
      UNSUB_TIME: 'do_not_email (2 contacts)',
    });
  });

  it('LinkedIn, whose notes are passed over; most connections have no address, so the profile tells them apart', () => {
    const linkedin = imported('linkedin');
    expect(linkedin).toMatchObject({ counts: { created: 3 }, names: NAMES, warnings: [] });
    expect(linkedin.columns.taken).toMatchObject({ 'Email Address': 'email', URL: 'linkedin_url', Company: 'company' });
    expect(linkedin.people[0]).toMatchObject({
      id: 'https://www.linkedin.com/in/mira-1',
      linkedin_url: 'https://www.linkedin.com/in/mira-1',
    });
    expect(imported('linkedin', { id: 'URL' }).counts).toEqual({ created: 3 });
  });

  it('LinkedIn again, with other spellings of a profile, and with an address that is known by now', () => {
    const book = new Book();
    const header = 'First Name,Person Linkedin Url,Email\n';
    expect(book.text(`${header}Mira,https://www.linkedin.com/in/Mira-1/,\n`)).toMatchObject({ created: 1, errors: [] });
    expect(book.text(`${header}Mira,linkedin.com/in/mira-1?trk=x,\n`)).toMatchObject({ created: 0, updated: 1 });
    const known = `${header}Mira,http://nl.linkedin.com/in/mira-1,mira@alder.example\n`;
    expect(book.text(known)).toMatchObject({ created: 0, updated: 1 });
    expect(book.text(known)).toMatchObject({ created: 0, unchanged: 1 });
  });

  it('takes no other address in such a column for a profile', () => {
    const book = new Book();
    const { created, errors } = book.text(
      'Name,URL,Email\nA,https://alder.example,a@alder.example\nB,https://www.linkedin.com/company/birch,\nC,https://birch.example,\n',
    );
    expect([created, errors.length]).toEqual([1, 2]);
    expect(errors[0]?.message).toMatch(/mapping\.id.*mapping\.email.*"URL", "Email"/s);
    expect(imported('apollo').columns.taken).toMatchObject({ 'Person Linkedin Url': 'linkedin_url' });
  });

  it('Google, with trailing empty cells and a label', () => {
    const google = imported('google');
    expect(google).toMatchObject({ counts: { created: 3 }, emails: EMAILS, objecting: ['jon@birch.example'] });
    expect(google.columns.taken).toMatchObject({ 'E-mail 1 - Value': 'email', Labels: 'do_not_email (1 contact)' });
    expect(google.people[0]).toMatchObject({ 'E-mail 2 - Value': 'mira@home.example' });
    expect(google.columns.left_out).toContain('Nickname');
  });

  it('Outlook', () => {
    const outlook = imported('outlook');
    expect(outlook).toMatchObject({ counts: { created: 2 }, emails: EMAILS.slice(0, 2), objecting: [] });
    expect(outlook.columns.taken).toMatchObject({ 'E-mail Address': 'email', Company: 'company' });
    expect(outlook.people[0]).toMatchObject({ Notes: 'Met in Utrecht,\r\nlikes tea' });
  });
});
