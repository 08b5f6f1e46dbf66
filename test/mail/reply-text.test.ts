import { describe, expect, it } from 'vitest';
import { replyText } from '../../src/domain/mail/reply-text.ts';
import { messageOf } from '../support/mail-messages.ts';

const plainText = (text: string) => replyText({ text, html: '' });

describe('the text of a reply', () => {
  it.each([
    ['reply-gmail', 'Hi Sam,\n\nwe count by hand, every Friday.\nCould you call me on Thursday?\n\nJane'],
    ['reply-gmail-wrapped-german', 'Hallo Sam,\n\nam Freitag, von Hand.'],
    ['reply-outlook-com', 'Hi Sam,\n\nby hand & on Fridays.'],
    ['reply-outlook-french', 'Bonjour Sam,\n\nà la main, le vendredi.\n\nCordialement,\nJane'],
    ['reply-outlook-swedish', 'För hand, på fredagar.'],
    ['reply-outlook-rule', 'By hand, on Fridays.'],
    ['reply-iphone-spanish', 'A mano, los viernes.'],
    ['reply-thunderbird-italian', 'A mano, il venerdì.\n\nIn tre.'],
    ['reply-yahoo', 'By hand, on Fridays.'],
    ['reply-apple-mail', 'By hand, on Fridays.\n\nJane'],
    ['reply-icloud-dutch', 'Met de hand, op vrijdag.'],
    ['reply-fastmail', 'By hand, on Fridays.'],
    ['reply-proton', 'By hand, on Fridays.'],
    ['reply-russian', 'Вручную, по пятницам.'],
    ['reply-japanese', '毎週金曜日に手で数えています。'],
    ['reply-polish', 'Ręcznie, w piątki.'],
  ])('%s is what its author wrote', async (name, text) => {
    const message = await messageOf(name);
    expect(replyText(message).text).toBe(text);
    expect(replyText(message).quoted).toContain('Hello');
  });

  it.each(['reply-gmail', 'reply-gmail-wrapped-german', 'reply-yahoo'])('%s says the same in HTML', async (name) => {
    const { text, html } = await messageOf(name);
    const words = (of: string) => of.split(/\s+/).join(' ');
    expect(words(replyText({ text: '', html }).text)).toBe(words(replyText({ text, html }).text));
  });

  it('keeps answers between the quoted lines, and below them', () => {
    const text = 'On 13 Jan 2026, Sam wrote:\n> How?\nBy hand.\n\n> When?\n\nOn Fridays.\n';
    expect(plainText(text)).toEqual({
      text: 'By hand.\n\nOn Fridays.',
      quoted: 'On 13 Jan 2026, Sam wrote:\n> How?\n> When?',
    });
  });

  it('finds the line above a quotation though a program broke it', () => {
    const text =
      'Yes.\nOn Tue, Jan 13, 2026 at 9:15 AM, Sam Sender from Northwind\n<sam@northwind.example>\nwrote:\n\n> Hi';
    expect(plainText(text).text).toBe('Yes.');
  });

  it('takes no sentence of the author for such a line', () => {
    for (const text of [
      'I told you on Monday at 10:00, as follows:\nNo.',
      'Please send it to:\njane@acme.example',
      'From: the warehouse\nTo: the shop\nis how it goes.',
      'Date: Monday\nWe can meet then.',
      '5 > 3, and so on',
    ])
      expect(plainText(text)).toEqual({ text, quoted: '' });
  });

  it.each([
    'From: Sam <sam@northwind.example>\nSent: Tuesday\nTo: Jane\nSubject: Stock',
    '*From:* Sam\n*Date:* Tuesday\n*To:* Jane\n*Subject:* Stock',
    'Von: Sam\nGesendet: Dienstag\nAn: Jane\nBetreff: Bestand',
    'Da: Sam\nInviato: martedì\nA: Jane\nOggetto: Scorte',
    'De: Sam\nEnviado: terça\nPara: Jane\nAssunto: Estoque',
    'Gesendet: Dienstag\nVon: Sam\nAn: Jane\nBetreff: Bestand',
    'Van: Sam\nVerzonden: dinsdag\nAan: Jane\nOnderwerp: Voorraad',
    'Fra: Sam\nSendt: tirsdag\nTil: Jane\nEmne: Lager',
    'Lähettäjä: Sam\nLähetetty: tiistai\nVastaanottaja: Jane\nAihe: Varasto',
    'Od: Sam\nWysłano: wtorek\nDo: Jane\nTemat: Zapasy',
    'От: Sam\nОтправлено: вторник\nКому: Jane\nТема: Склад',
    '差出人: Sam\n送信日時: 2026年1月13日\n宛先: Jane\n件名: 在庫',
    'Date: Tue, 13 Jan 2026\nSubject: Stock\nFrom: sam@northwind.example\nTo: jane@acme.example',
    '-----Original Message-----',
    '---------- Forwarded message ---------',
    '-------- Ursprüngliche Nachricht --------',
    '----- Message d’origine -----'.replace('’', "'"),
    'Begin forwarded message:',
  ])('ends above %s', (block) => {
    expect(plainText(`Yes.\n\n${block}\n\nHello Jane`).text).toBe('Yes.');
  });

  it.each([
    'Sent from my iPhone',
    'Get Outlook for Android',
    'Von meinem iPhone gesendet',
    'Envoyé de mon iPhone',
    'Inviato da iPhone',
    'Enviado do meu iPhone',
    'Verstuurd vanaf mijn iPad',
    'Skickat från min iPhone',
    '-- \nJane Doe\nAcme',
  ])('is without %s', (signature) => {
    expect(plainText(`Yes.\n\n${signature}\n`).text).toBe('Yes.');
  });

  it('is whole where it is nothing but a signature, and nothing where only a phone speaks', () => {
    expect(plainText('-- \nJane Doe').text).toBe('--\nJane Doe');
    expect(plainText('Sent from my iPhone').text).toBe('');
  });

  it('reads the letters of HTML, and leaves out what is no text', () => {
    const html =
      '<html><head><title>T</title><style>p { color: red }</style></head><body><!-- <p>no</p> --><p>Sch&ouml;ne Gr&uuml;&szlig;e &#8211; &lt;b&gt;</p><script>alert(1)</script><ul><li>a</li><li>b</li></ul></body></html>';
    expect(replyText({ text: '', html }).text).toBe('Schöne Grüße – <b>\n\na\n\nb');
  });
});
