import { describe, expect, it } from 'vitest';
import { isFigure } from '../../src/domain/runs/figure.ts';

describe('a value of a column', () => {
  it.each([
    ...['2026-03-01', '3/1/26 09:30', '14.03.2026', 'Mar 1, 2026, 9:30 AM', '1. März 2026', '20260301', '46082.4'],
    ...['2 days ago', 'an hour ago', 'about 3 hours ago', 'yesterday', 'Today at 9:14', '09:30', 'March 2026'],
    ...['01-Mar-2026', 'March 1st, 2026 at 9:30 AM', 'Sunday, March 1, 2026', 'Sun, 01 Mar 2026 10:00:00 +0000'],
    'Sun Mar 01 2026 10:00:00 GMT+0100 (Central European Standard Time)',
    ...['$1,200.50', '€ 1.200', '1,200 USD', '12%', '5m 20s', '24h', '3 weeks', '12 days ago', 'last week', '3 d'],
    ...['vor 3 Tagen', 'vor einem Tag', 'vor 2 Std.', 'Heute, 09:30 Uhr', 'gestern', 'Mo., 2. März 2026 um 9:30 Uhr'],
    ...['il y a 3 jours', 'il y a un an', 'hier', 'lundi 2 mars 2026 à 9h30', 'la semaine dernière', '9h30'],
    ...['hace 3 días', 'ayer', '14 de marzo de 2026', '3 giorni fa', 'ieri', 'há 2 semanas', '14 de março de 2026'],
    ...['3 dagen geleden', 'for 3 dager siden', 'för 2 timmar sedan', '3 dni temu', '14 września 2026', '3 gün önce'],
    ...['3 дня назад', '14 марта 2026 г.', 'вчера', '2026年3月14日', '3日前', '3天前', '昨天 10:00', '3일 전'],
  ])('is a number or a time: %s', (value) => {
    expect(isFigure(value)).toBe(true);
  });

  it.each([
    ...['pro', 'Plan 2', 'A1', '12 March Street', 'closed 2026-03-01', 'may', 'long ago', 'a', 'Sun Ltd', '', ' ', '-'],
    ...[
      '3 days left in trial',
      'Q3',
      'M2',
      '$',
      'at',
      '2 seats',
      'not today',
      'sedan',
      'vor Ort',
      'for sale',
      'Set 2',
      'Il Forno',
      'DE89 3704 0044',
      'true',
    ],
  ])('is a text, which a yes is for: "%s"', (value) => {
    expect(isFigure(value)).toBe(false);
  });
});
