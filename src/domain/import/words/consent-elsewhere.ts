/**
 * Phrases of other languages that exports come in: an objection to email. A phrase counts anywhere in a name, with or
 * without accents; a space at its end ends a word.
 */
export const OUT_ELSEWHERE = (
  'abgemeldet|abmeldung|abbestell|ausgetragen|austragung|widerspr|keine e mail|keine mail|keine werbung|' +
  'kein newsletter|keine newsletter|kein kontakt|nicht kontaktieren|nicht anschreiben|nicht mailen|' +
  'nicht per mail|werbesperre|kontaktsperre|mailsperre|mail sperre|mail gesperrt|werbeverbot|désabonn|' +
  'désinscri|ne pas contacter|ne plus contacter|ne pas envoyer|ne pas démarcher|pas d e mail|pas d email|' +
  'pas de mail|ne souhaite pas|ne souhaite plus|opposition|opposé|liste noire|dado de baja|dada de baja|' +
  'fecha de baja|solicita baja|baja de |baja email|baja newsletter|no contactar|no enviar|no molestar|no desea|' +
  'desuscri|cancelar suscripción|canceló suscripción|lista negra|no e mail|descadastr|não contatar|' +
  'não contactar|não enviar|não perturb|cancelou inscrição|cancelou a inscrição|cancelou assinatura|não deseja|' +
  'disiscri|disiscr|non contattare|non inviare|lista nera|revoca consenso|revoca del consenso|cancellato dalla|' +
  'cancellazione iscrizione|afgemeld|afmeld|uitgeschreven|uitschrij|niet mailen|niet e mailen|niet benaderen|' +
  'niet contacteren|niet contact|geen e mail|geen mail|geen contact|geen nieuwsbrief|geen nieuwsbrieven|' +
  'avregistrer|avanmäl|avprenumerer|avmeld|afmeldt|frameld|kontakta ej|kontakta inte|ej kontakta|kontakt ikke|' +
  'ikke kontakt|ingen email|ingen mail|ingen kontakt|inga utskick|inga email|inga mail|ikke send|wypisan|' +
  'wypisał|rezygnacj|nie kontaktować|nie wysyłać|sprzeciw|odhláš|odhlás|nekontaktovat|neposílat|nezasílat|' +
  'leiratkoz|ne keress|dezabon|nu contact|markkinointikielto|peruutti tilauksen|peruttu tilaus|ei sähköpostia|' +
  'abonelikten|iletişime geçme|istemiyor|отпис|не писать|не контактировать|не беспокоить|не связываться|' +
  'отказ от рассыл|черный список|відпис|απεγγραφ|κατάργηση εγγραφής|μην επικοινων|berhenti berlangganan|' +
  'jangan hubungi|hủy đăng ký|từ chối nhận|配信停止|配信拒否|配信不可|購読解除|登録解除|オプトアウト|送信不可|メール不可|連絡不可|営業禁止|停止希望|退订|退訂|' +
  '取消订阅|取消訂閱|不要联系|请勿联系|勿联系|勿扰|拒收|黑名单|수신거부|수신 거부|구독취소|구독 취소|구독해지|연락금지|الغاء الاشتراك|إلغاء الاشتراك|لا تتصل|הסר|' +
  'לא לשלוח|אין ליצור קשר|keine werb|keine newsl|keine kontakt|keinen kontakt|kontaktverbot|mailverbot|abmelde|' +
  'newslettersperre|versandsperre|sperrliste|sperrvermerk|keine einwilligung mehr|möchte keine|will keine|stop mail|stop email|' +
  'stop e mail|stop pub|stop newsletter|ne veut plus|ne veut pas|ne désire plus|ne désire pas|ne pas recevoir|ne plus recevoir|' +
  'ne pas écrire|ne plus écrire|ne pas solliciter|ne plus solliciter|ne pas mailer|suscripción cancelada|cancelación de suscripción|' +
  'suscripción anulada|fecha baja|motivo baja|motivo de baja|no quiere|no recibir|no acepta|no escribir|não receber|não quer|não aceita|' +
  'não enviar|não mandar|inscrição cancelada|assinatura cancelada|subscrição cancelada|lista de bloqueio|non desidera|non vuole|' +
  'non accetta|non scrivere|non mandare|non disturbare|iscrizione annullata|bezwaar|wil geen|wenst geen|niet sturen|niet versturen|' +
  'niet aanschrijven|geblokkeerd voor|vill inte|vill ej|önskar inte|önskar ej|spärrad|spärrlista|skicka inte|ønsker ikke|vil ikke|' +
  'ikke ønske|blokeret for|sperret for|svarteliste|sortliste|svartlista|peruuttanut|kielto|ei halua|älä lähetä|ei saa lähettää|' +
  'nie wysyła|nie chce|nie życzy|czarna lista|czarnej liście|černá listina|nechce|nepřeje si|feketelista|nem kér|nem szeretne|' +
  'nu doreste|nu trimite|kara liste|abonelik iptal|üyelik iptal|gönderilmesin|не отправл|не присыл|не слать|не рассыл|не хочет|' +
  'не желает|в черном списке|чорний список|не надсил|не писати|не турбувати|не бажає|не хоче|配信解除|メルマガ解除|受信拒否|メール拒否|' +
  '配信不要|メール不要|メルマガ不要|dm不要|送信禁止|メール禁止|退会|请勿打扰|勿打扰|不接收|不接受邮件|不要发送|请勿发送|勿发|屏蔽|拉黑|黑名單|' +
  '拒绝接收|拒绝邮件|拒絕接收|拒絕郵件|請勿|不接收郵件|차단|거부|블랙리스트|từ chối email|từ chối thư|không gửi|không liên hệ|danh sách đen'
).split('|');

/** Words of other languages that object where they are the whole name or item, and mean something else in a longer one. */
export const WHOLE_ELSEWHERE = (
  'baja|bajas|de baja|en baja|gesperrt|widerruf|widerrufen|widerrufen am|sperre|bloqué|bloquée|bloqueado|bloqueada|bloccato|' +
  'cancellato|cancellata|geblokkeerd|blokkeerd|spärr|blokeret|spærret|sperret|estetty|zablokowany|zablokowana|blokovaný|letiltva|' +
  'engellendi|e posta gönderme|email gönderme|mail gönderme|заблокирован|заблоковано|拒否|解除|不要'
).split('|');

/** Phrases of other languages: an agreement to get email. */
export const IN_ELSEWHERE = (
  'einwilligung|zustimmung|dsgvo|angemeldet|abonnent|abonniert|consentement|rgpd|abonné|inscrit|consentimiento|' +
  'suscrito|suscripción|consentimento|lgpd|inscrito|iscritto|consenso|toestemming|aangemeld|ingeschreven|' +
  'samtycke|samtykke|prenumer|zgoda|souhlas|hozzájárul|feliratkoz|suostumus|onay|согласи|подпис|згода|同意|許可|訂閱|' +
  '订阅|購読|수신동의|수신 동의|구독'
).split('|');
