import { describe, expect, it } from 'vitest';
import type { MappingArgument } from '../../../src/domain/import/columns.ts';
import { Book } from './support.ts';

/** What one cell of one column leaves: `out`, `bounced`, a warning alone (`told`), or nothing. */
function outcome(column: string, value: unknown, mapping?: MappingArgument): string {
  const book = new Book();
  const { tally } = book.contactValues([{ id: '1', [column]: value }, { id: '2' }, { id: '3' }], mapping);
  return of(book, tally.warnings());
}

function ofEvent(name: string, properties: Record<string, unknown> = {}, type = 'track'): string {
  const book = new Book();
  const { tally } = book.eventValues([{ contact_id: '1', type, name, properties }]);
  return of(book, tally.warnings());
}

function of(book: Book, warnings: readonly string[]): string {
  const contact = book.get('1');
  if (contact?.do_not_email) return 'out';
  if (contact?.bounced) return 'bounced';
  return warnings.length > 0 ? 'told' : 'nothing';
}

/** Names without the ones that are read as they should be. */
function others(names: readonly string[], read: (name: string) => string, wanted: string): string[] {
  return names.map((name) => `${name}: ${read(name)}`).filter((told) => !told.endsWith(`: ${wanted}`));
}

describe('an objection in a column', () => {
  it('is one however "unsubscribed" is written', () => {
    const names = ['UnSubscribed', 'isUnSubscribed', 'Un-subscribed', 'UN_SUBSCRIBED', 'Unsuscribed', 'Unsubcribed'];
    expect(others(names, (name) => outcome(name, 'Yes'), 'out')).toEqual([]);
  });

  it('is one whatever page or source it came by, and whatever else it names beside email', () => {
    const names = [
      ...['Unsubscribed (web form)', 'Web opt-out', 'Unsubscribed via landing page', 'Unsubscribe link clicked'],
      ...['Do Not Call or Contact', 'Do Not Call / Do Not Contact', 'Opt-out: text & e-mail', 'Do Not Call/Email'],
      ...['Unsubscribed by phone', 'Opted out via SMS link'],
    ];
    expect(others(names, (name) => outcome(name, 'Yes'), 'out')).toEqual([]);
  });

  it('is none where another channel or a page is named alone, or where it is about something else', () => {
    const names = [
      ...['Do Not Call', 'SMS Opt Out', 'Opt out (SMS)', 'Opt-out: SMS', 'Do not contact by phone', 'Do Not Call/Text'],
      ...['DND SMS', 'Unsubscribe Link', 'Unsubscribe URL', 'unsubscribe_page', 'Abmeldelink', 'Puhelinkielto'],
      ...['Bounce rate', 'Soft bounced', 'Main Objection', 'Blocked by', 'Unsubscribe rate'],
    ];
    expect(others(names, (name) => outcome(name, 'Yes'), 'nothing')).toEqual([]);
  });
});

describe('a list in a cell', () => {
  it.each([
    ['Tags', 'Web lead, Unsubscribed'],
    ['Tags', '"Phone","Unsubscribed"'],
    ['Tags', 'Never bounced; Unsubscribed'],
    ['Tags', 'webinar: no, unsubscribed'],
    ['Tags', 'SMS opt-out | opted out'],
    ['Tags', `${'lead, '.repeat(100)}unsubscribed`],
    ['Lists', 'Q3 landing page, Opted out'],
    ['Status', 'Unsubscribed (web)'],
    ['Status', 'No, opted out'],
    ['Email Opt-In', 'No; opted out at the fair'],
  ])('is judged item by item: %s = %s', (column, cell) => {
    expect(outcome(column, cell)).toBe('out');
  });

  it.each([
    ['Tags', 'SMS Unsubscribed, VIP'],
    ['Tags', 'SMS: unsubscribed'],
    ['Tags', 'Opted out of SMS, email ok'],
    ['Tags', 'not unsubscribed; never bounced'],
    ['Last Activity', 'https://x.example/unsubscribe'],
  ])('sets nothing where no item objects to email: %s = %s', (column, cell) => {
    expect(outcome(column, cell)).toBe('nothing');
  });
});

describe('a status', () => {
  it('is one as a closed compound, and in the languages that exports come in', () => {
    const columns = [
      ...['emailstatus', 'subscriptionstatus', 'contactstatus', 'Leadstatus', 'Kontaktstatus', 'Kundenstatus', 'Type'],
      ...[
        'Kontakttyp',
        'Reason',
        'Kategorien',
        'Situação',
        'Durum',
        'Stav',
        'Állapot',
        'Tila',
        '状態',
        '狀態',
        'Состояние',
      ],
      ...['Stan', 'Statut', 'タグ', 'Etiquetas'],
    ];
    expect(others(columns, (column) => outcome(column, 'unsubscribed'), 'out')).toEqual([]);
  });

  it('of another kind stays unflagged, and so do places and products', () => {
    const cells = [
      ...['Status=active', 'Type=Customer', 'Estado=Baja California', 'State=Baja California', 'Priority=Baja'],
      ...['Tags=Fire Suppression Pro', 'Tags=Bounce House, DND Dice', 'Tags=Blocked Drain Kit', 'Status=declined'],
      ...[
        'Status=Open - Not Contacted',
        'Status=Never contacted',
        'Status=No contact made',
        'Status=No marketing budget',
      ],
      ...['Reason=price', 'Status=Lead', 'Category=Spam filter software', 'Type=Opt-In Monster', 'Blocked=no'],
    ];
    const read = (cell: string) => outcome(cell.split('=')[0] ?? '', cell.split('=')[1]);
    expect(others(cells, read, 'nothing')).toEqual([]);
  });
});

describe("a flag's column", () => {
  it.each([
    ['Do Not Email', 'disabled'],
    ['Do Not Email', 'allowed'],
    ['Do Not Email', 'confirmed'],
    ['Unsubscribed', 'live'],
    ['Opt-out request', 'Accepted'],
    ['Opt-out request', 'Declined'],
    ['Suppression list', 'active'],
  ])('is set by a word that is no known no: %s = %s', (column, cell) => {
    expect(outcome(column, cell)).toBe('out');
  });

  it('do_not_contact is set by one too', () => {
    const book = new Book();
    book.contactValues([{ id: '1', do_not_contact: 'deliverable' }]);
    expect(book.get('1')?.do_not_contact).toBe(true);
  });

  it('of bounces is cleared by what says that the address can be reached', () => {
    expect(outcome('Email Bounced', 'deliverable')).toBe('nothing');
  });
});

describe('a column that asks for an agreement', () => {
  it.each([
    ['Email Consent', ['Denied', 'Refused', 'Declined', 'Rejected']],
    ['Email Opt-In', ['Declined']],
    ['Einwilligung', ['verweigert']],
    ['Consentement', ['Refusé']],
    ['Consenso', ['Negato']],
    ['Toestemming', ['Geweigerd']],
  ])('warns of a refusal as of a no, and mapped sets the flag: %s = %s', (column, words) => {
    expect(others(words, (word) => outcome(column, word), 'told')).toEqual([]);
    expect(others(words, (word) => outcome(column, word, { do_not_email: column }), 'out')).toEqual([]);
  });

  it.each([
    ['Einwilligung', 'widerrufen'],
    ['Zgoda', 'Cofnięta'],
    ['Email Consent', 'withdrawn'],
    ['Status', 'Einwilligung widerrufen'],
  ])('holds an objection where one was taken back: %s = %s', (column, word) => {
    expect(outcome(column, word)).toBe('out');
  });

  it('warns where its name says that nobody asked, and mapped sets the flag', () => {
    expect([outcome('No consent', 'yes'), outcome('Not subscribed', 'no')]).toEqual(['told', 'nothing']);
    expect(outcome('No consent', 'yes', { do_not_email: 'No consent' })).toBe('out');
  });

  it('is inverted when mapped, however it asks', () => {
    const columns = [
      ...['Okay to email', 'Happy to be contacted', 'Can we email you?', 'Email OK', 'Wants emails', 'Emailable'],
      ...['Email me', 'Permission to email', 'May contact', 'Allow email', 'Yes to emails'],
    ];
    const mapped = (cell: string) => (column: string) => outcome(column, cell, { do_not_email: column });
    expect(others(columns, mapped('no'), 'out')).toEqual([]);
    expect(others(columns, mapped('yes'), 'nothing')).toEqual([]);
  });
});

describe('nested values', () => {
  it.each([
    ['subscriptions', [{ channel: 'email', status: 'unsubscribed' }], 'out'],
    ['subscriptions', [{ channel: 'sms', status: 'unsubscribed' }], 'nothing'],
    ['subscriptions', [{ channel: 'email', status: 'subscribed' }], 'nothing'],
    ['lists', [{ name: 'News', status: 'unsubscribed', updated_at: '2026-01-01' }], 'out'],
    ['email_consent', { status: 'denied' }, 'told'],
    ['consent', { marketing: { status: 'revoked' } }, 'out'],
    ['marketing', { email: false }, 'told'],
    ['custom_fields', [{ name: 'Do Not Email', value: true }], 'out'],
    ['custom_fields', [{ name: 'Do Not Email', value: false, updated_at: '2026-01-01' }], 'nothing'],
    ['dndSettings', { Email: { status: 'active' } }, 'out'],
    ['dndSettings', { SMS: { status: 'active' } }, 'nothing'],
    ['tags', [{ name: 'vip' }, { name: 'Unsubscribed' }], 'out'],
    ['contact_prefs', { phone: { opt_out: true } }, 'nothing'],
    ['unsubscribed', { email: false, sms: true }, 'nothing'],
    ['unsubscribed', { email: true }, 'out'],
  ])('are read by the words of their path: %s = %j is %s', (column, value, wanted) => {
    expect(outcome(column, value)).toBe(wanted);
  });
});

describe('an event', () => {
  it('is an objection or a bounce under the names that columns have, and that tools give', () => {
    const outs = [
      'emailUnSubscribe',
      'UnSubscribed',
      'Un-subscribed',
      'Unsubscribed via Web',
      'spamreport',
      'abuse_report',
    ];
    expect(others([...outs, 'Unsubscribed from Landing Page'], (name) => ofEvent(name), 'out')).toEqual([]);
    const bounces = ['Email Dropped', 'Delivery Failed', 'undelivered', 'Email Rejected', 'permanent_fail'];
    expect(others(bounces, (name) => ofEvent(name), 'bounced')).toEqual([]);
    expect(ofEvent('dropped', {}, 'email')).toBe('bounced');
  });

  it.each([
    ['Subscription Changed', { status: 'unsubscribed' }, 'out'],
    ['Subscription Changed', { status: 'subscribed' }, 'nothing'],
    ['Email Preferences Updated', { unsubscribed_from_all: true }, 'out'],
    ['Email Preferences Updated', { preferences: [{ channel: 'email', status: 'unsubscribed' }] }, 'out'],
    ['SMS Preferences Updated', { unsubscribed: true }, 'nothing'],
    ['Call Logged', { disposition: 'Do Not Contact' }, 'out'],
    ['Email Opened', { unsubscribed: false, unsubscribe_url: 'https://x.example', subject: 'Unsubscribe' }, 'nothing'],
    ['Email Opened', { list_unsubscribe: '<mailto:u@x.example>', unsubscribe_group_id: 4 }, 'nothing'],
    ['Order Completed', { status: 'completed', type: 'gift' }, 'nothing'],
  ])('says by its properties what a column would: %s %j is %s', (name, properties, wanted) => {
    expect(ofEvent(name, properties)).toBe(wanted);
  });
});

describe('objections in the languages that exports come in', () => {
  const outs =
    'DND|DND Email|Email Quarantined|Marketing Suspended|Email Suspended|donotsendmm|Doesn’t want emails|No longer subscribed|D.N.C.|' +
    'Blocked|Objection|Keine Werbemails|Gesperrt|Kontaktverbot|Spam gemeldet|Stop mail|Ne veut plus recevoir|' +
    'Signalé comme spam|Consentement retiré|Baja|Suscripción cancelada|Marcado como spam|No quiere recibir correos|' +
    'Não receber e-mails|Inscrição cancelada|Cancellato|Segnalato come spam|Non desidera email|Toestemming ingetrokken|' +
    'Gemarkeerd als spam|Bezwaar|Vill inte ha mejl|Spärrad|Ønsker ikke e-mail|Ønsker ikke e-post|Peruuttanut|Kielto|Nie wysyłaj|' +
    'Zgoda wycofana|Czarna lista|E-posta gönderme|Kara liste|Не отправлять|Жалоба на спам|Чорний список|配信解除|メルマガ解除|受信拒否|' +
    '请勿打扰|不接收邮件|投诉|차단|메일 거부|Từ chối email';

  it('are found as columns, as words of a status and as events', () => {
    const names = outs.split('|');
    expect(others(names, (name) => outcome(name, 'x'), 'out')).toEqual([]);
    expect(others(names, (name) => outcome('Status', name), 'out')).toEqual([]);
    expect(others(names, (name) => ofEvent(name), 'out')).toEqual([]);
  });

  it('of a place are none, and a date of leaving is one', () => {
    expect(outcome('Abmeldedatum', '03.04.2026')).toBe('out');
    expect(outcome('NPAI', 'x')).toBe('bounced');
  });
});
