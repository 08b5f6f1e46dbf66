function wordsIn(...lines: string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ').map(folded)));
}

/** A text in lower case without accents, as these lists are compared: `Março` and `marco` are one word. */
export function folded(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');
}

/**
 * Words that stand beside the digits of a time or an amount, in the languages that exports come in: months, weekdays,
 * units of time, days by name, money. Short forms that are words of another kind elsewhere ("set", "out") are left out.
 */
export const FIGURE_WORDS: ReadonlySet<string> = wordsIn(
  // English
  'mon tue tues wed thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday jan feb mar apr may',
  'jun jul aug sep sept oct nov dec january february march april june july august september october november december',
  'today yesterday tomorrow am pm st nd rd th second seconds minute minutes hour hours day days week weeks month months',
  'year years sec secs min mins hr hrs yr yrs wk wks',
  // German
  'januar februar märz mrz mai juni juli oktober okt dezember dez montag dienstag mittwoch donnerstag freitag samstag',
  'sonnabend sonntag heute gestern vorgestern uhr sekunde sekunden sek minuten stunde stunden std tag tage tagen tg woche',
  'wochen monat monate monaten jahr jahre jahren',
  // French
  'janvier janv février févr fév mars avril avr juin juillet juil août septembre octobre novembre décembre déc lundi mardi',
  'mercredi jeudi vendredi samedi dimanche hier aujourd hui seconde secondes heure heures jour jours semaine semaines mois',
  'an ans année années',
  // Spanish, Italian, Portuguese
  'enero ene febrero marzo abril abr mayo junio julio agosto septiembre setiembre octubre noviembre diciembre dic lunes',
  'martes miércoles jueves viernes sábado domingo hoy ayer anteayer segundo segundos minuto minutos hora horas día días',
  'semana semanas mes meses año años gennaio gen febbraio aprile maggio giugno giu luglio lug settembre ottobre ott',
  'dicembre lunedì martedì mercoledì giovedì venerdì sabato domenica oggi ieri secondi minuti ora ore giorno giorni gg',
  'settimana settimane mese mesi anno anni janeiro fevereiro fev março maio junho julho setembro outubro novembro',
  'dezembro segunda terça quarta quinta sexta feira hoje ontem',
  // Dutch, Swedish, Danish, Norwegian
  'januari februari maart mrt mei augustus maandag dinsdag woensdag donderdag vrijdag zaterdag zondag vandaag gisteren',
  'seconden minuut uur uren dag dagen weken maand maanden jaar jaren marts maj augusti desember måndag mandag tisdag',
  'tirsdag onsdag torsdag fredag lördag lørdag söndag søndag idag igår sekund sekunder minuter minutter timme timmar time',
  'timer dagar dage dager vecka veckor uge uger uke uker månad månader måned måneder år',
  // Polish, Czech, Finnish, Turkish
  'stycznia sty lutego lut marca kwietnia kwi maja czerwca cze lipca sierpnia września wrz października paź listopada',
  'grudnia gru dzisiaj dziś wczoraj sekund sekundy minut minuty godzina godziny godzin godz dzień dni tydzień tygodnie',
  'tygodni miesiąc miesiące miesięcy rok lata lat ledna února března dubna května června července srpna září října',
  'listopadu prosince dnes včera dny dnem hodinami minutami týdny měsíci lety tänään eilen sekuntia minuuttia tuntia',
  'tunti päivää päivä viikkoa kuukautta vuotta ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık',
  'bugün dün saniye dakika saat gün hafta ay yıl',
  // Russian
  'января февраля марта апреля мая июня июля августа сентября октября ноября декабря янв фев мар апр июн июл авг сен сент',
  'окт ноя дек сегодня вчера секунд секунды секунду минут минуты минуту час часа часов день дня дней неделю недели недель',
  'месяц месяца месяцев год года лет',
  // Japanese, Chinese, Korean
  '年 月 日 号 時 时 点 分 秒 日前 天前 週間前 周前 时间前 時間前 小时前 小時前 分前 分钟前 分鐘前 秒前 年前 か月前 ヶ月前',
  '个月前 個月前 今日 昨日 今天 昨天 午前 午後 上午 下午 년 월 일 시 분 초 시간 분전 일전 주 개월 오늘 어제 오전 오후',
  'utc gmt cet cest est edt cst cdt mst mdt pst pdt bst ist mez mesz',
  'usd eur gbp chf jpy cny inr cad aud nzd sek nok dkk pln czk brl mxn zar try rub kr tsd mio mrd mln bn',
);

/** Words that make a time of a span: `3 days ago`, `vor einem Tag`, `la semaine dernière`. */
export const AGO_WORDS: ReadonlySet<string> = wordsIn(
  'ago last past vor letzte letzten letzter letztes vorige vorigen il dernier dernière passé passée hace pasado pasada',
  'último última fa scorso scorsa há atrás passado passada geleden afgelopen sedan siden temu před sitten önce назад 전 前',
);

/** Words that such phrases hold beside, and that tell nothing alone. */
export const FILLER_WORDS: ReadonlySet<string> = wordsIn(
  'a an one the of at on about over almost around ca circa um am den dem der die das ein eine einem einer einen etwa fast',
  'gerade mo di mi do fr sa so le la les un une y à de du environ el las los del uno una hace unos o os um uma às as em il lo alle',
  'op het de een om i en ett et för for den kl o w w dniu v ve в около г d h m s j t tg er e',
);
