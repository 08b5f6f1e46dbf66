/** Words by which mail programs say, above a quotation, that somebody wrote it. Accents are on, letters small. */
export const WROTE_WORDS: readonly string[] = [
  ...['wrote', 'writes', 'schrieb', 'a écrit', 'a ecrit', 'escribió', 'escribio', 'ha scritto', 'scrisse', 'escreveu'],
  ...[
    'schreef',
    'geschreven',
    'skrev',
    'kirjoitti',
    'napisał',
    'pisze',
    'napsal',
    'napísal',
    'írta',
    'a scris',
    'написал',
    'пишет',
  ],
  ...['написав', 'написала', 'пише', 'yazdı', 'έγραψε', '写道', '寫道', 'のメール', '書きました', '작성', 'đã viết'],
  ...['menulis', 'כתב', 'كتب', 'je napisao', 'je napisala', 'rašė', 'rakstīja', 'kirjutas'],
];

/** How the line above a quotation begins, where it is so long that programs break it. */
export const OPENERS =
  /^(?:on|am|le|el|il|em|op|den|på|vào|dne|dňa|w dniu|la|pe|ma|kl|il giorno|a \(s\)|в|у|\d{1,4}\s?[./年-]|(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|lör|sön|tors|ons|tis|man|tir|fre|lør|søn|ma|ti|ke|to|pe|la|su|pon|wt|śr|czw|pt|sob|niedz|po|út|st|čt|pá|пн|вт|ср|чт|пт|сб|вс)[a-zé]{0,8}[.,])(?=[\s,.\d]|$)/iu;

/** Marks that stand above a message which is quoted or forwarded whole. Everything below them is that message. */
export const ORIGINAL =
  /^(?:-{2,}|_{2,}|\*{2,})?\s{0,3}(?:original message|original appointment|forwarded message|forwarded by|ursprüngliche nachricht|original-?nachricht|weitergeleitete nachricht|urspr\. nachricht|message d'origine|message original|message transféré|message initial|mensaje original|mensaje reenviado|messaggio originale|messaggio inoltrato|mensagem original|mensagem encaminhada|oorspronkelijk bericht|doorgestuurd bericht|originalmeddelande|ursprungligt meddelande|vidarebefordrat meddelande|oprindelig meddelelse|opprinnelig melding|videresendt melding|alkuperäinen viesti|wiadomość oryginalna|oryginalna wiadomość|původní zpráva|pôvodná správa|eredeti üzenet|mesaj original|исходное сообщение|пересылаемое сообщение|вихідне повідомлення|orijinal mesaj|özgün ileti|元のメッセージ|原始邮件|原始郵件|원본 메시지)\s{0,3}(?:-{2,}|_{2,}|\*{2,})\s*$|^begin forwarded message:|^anfang der weitergeleiteten nachricht:|^début du message (?:réexpédié|transféré)|^inicio del mensaje reenviado:|^inizio messaggio inoltrato:/iu;

const LABELS = {
  from: 'from|von|de|da|van|från|fra|lähettäjä|od|feladó|de la|от|від|kimden|gönderen|από|差出人|发件人|寄件者|보낸 사람|מאת|من',
  other:
    'sent|date|to|cc|subject|reply-to|gesendet|datum|an|betreff|envoyé|date|à|objet|enviado(?: el)?|fecha|para|asunto|assunto|inviato|data|a|oggetto|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|dato|emne|lähetetty|vastaanottaja|aihe|wysłano|do|temat|odesláno|komu|předmět|predmet|elküldve|címzett|tárgy|trimis|către|subiect|отправлено|дата|кому|тема|надіслано|gönderilen|tarih|kime|konu|στάλθηκε|προς|θέμα|送信日時|日付|宛先|件名|发送时间|收件人|主题|寄件日期|收件者|主旨|보낸 날짜|받는 사람|제목|נשלח|אל|נושא',
};
const label = (names: string) => new RegExp(`^[*_]{0,2}(?:${names})\\s{0,2}[*_]{0,2}\\s{0,2}[:：]`, 'iu');

/** The lines of the block that Outlook and others put above a quotation: who wrote it, and the rest. */
export const FROM_LABEL = label(LABELS.from);
export const OTHER_LABEL = label(LABELS.other);

/** Lines that phones and mail programs add below a message. */
export const DEVICE_LINE =
  /^(?:sent (?:from|with|via|using) |get outlook for |gesendet (?:von |mit |über )|von meinem .{1,40} gesendet|diese nachricht wurde von meinem |outlook für .{1,20} (?:herunterladen|beziehen)|envoyé (?:de|depuis|à partir) |télécharger outlook|obtenez outlook|enviado (?:desde|do|de|a partir) |obtener outlook|obter o outlook|inviato (?:da|dal) |scarica outlook|ottieni outlook|verstuurd vanaf|verzonden (?:vanaf|met|via) |download outlook|outlook voor |skickat från|hämta outlook|sendt fra|lähetetty |wysłane? (?:z|za) |wysłano (?:z|za) |odesláno z|odoslané z|отправлено (?:из|с) |надіслано з|iphone'?umdan gönderildi|στάλθηκε από|iphoneから送信|发自我的|從我的 ?iphone|나의 iphone에서 보냄)/iu;
