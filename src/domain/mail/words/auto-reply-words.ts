import { phrasesOf } from './phrases.ts';

/** Subjects that only a program begins so, in the languages of mail programs. */
export const AUTOMATIC: readonly string[] = phrasesOf(
  'automatic reply,automatic response,automated reply,automated response,auto reply,autoreply,auto response,autoresponse,' +
    'auto responder,autoresponder,automatische antwort,automatische rückantwort,automatisch antwoord,automatische antwoord,' +
    'réponse automatique,réponse automatisée,respuesta automática,contestación automática,resposta automática,' +
    'risposta automatica,autosvar,automatiskt svar,automatisk svar,automaattinen vastaus,odpowiedź automatyczna,' +
    'automatyczna odpowiedź,automatická odpověď,automatická odpoveď,automatikus válasz,răspuns automat,автоматический ответ,' +
    'автоответ,автоматична відповідь,автовідповідь,otomatik yanıt,otomatik cevap,αυτόματη απάντηση,自動応答,自動返信,自动答复,' +
    '自动回复,自動回覆,자동 회신,자동 응답,תשובה אוטומטית,رد تلقائي,vacation reply,vacation autoreply,out of office autoreply,' +
    'out of office auto reply,vacation auto reply,out of office reply,out of office message,out of office notification,abwesenheitsnotiz,abwesenheitsmeldung,' +
    'abwesenheitsnachricht,abwesenheitsbenachrichtigung,abwesenheitsassistent,abwesenheitsagent,message d absence,' +
    'notification d absence,avis d absence,avviso di assenza,messaggio di assenza,mensaje de ausencia,aviso de ausencia,' +
    'afwezigheidsbericht,afwezigheidsmelding,frånvaromeddelande,fraværsmeddelelse,fraværsmelding,poissaoloviesti,' +
    'poissaoloilmoitus,不在通知,不在のお知らせ,不在連絡,부재중 알림',
);

/** Subjects that begin so when somebody is away. A person may write them too, but hardly with what follows there. */
export const AWAY: readonly string[] = phrasesOf(
  'out of office,out of the office,i am out of office,i am out of the office,i m out of office,i m out of the office,ooo,' +
    'currently out of office,currently out of the office,away from the office,away from my desk,abwesend,abwesenheit,' +
    'bin nicht im büro,ich bin nicht im büro,nicht im büro,bin im urlaub,ich bin im urlaub,außer haus,absence du bureau,' +
    'absent du bureau,absente du bureau,je suis absent,je suis absente,je suis en congé,je suis en congés,' +
    'fuera de la oficina,fuera de oficina,estoy fuera de la oficina,ausente de la oficina,fuori ufficio,fuori sede,' +
    'sono fuori ufficio,assente dall ufficio,fora do escritório,ausência temporária,ausente do escritório,afwezig,' +
    'afwezigheid,niet op kantoor,ik ben afwezig,frånvaro,frånvarande,inte på kontoret,fravær,fraværende,ikke på kontoret,' +
    'ikke til stede,poissa toimistolta,en ole toimistolla,poza biurem,nieobecność,nieobecność w biurze,mimo kancelář,' +
    'nepřítomnost,mimo kancelárie,házon kívül,irodán kívül,absență de la birou,нет на месте,вне офиса,отсутствую,' +
    'нет в офисе,не в офісі,ofis dışında,ofis dışındayım,ofiste değilim,εκτός γραφείου,不在,外出中,不在办公室,부재중',
);

/** Words of those who are away; by themselves they say nothing about who wrote them, a person or a program. */
export const PERHAPS_AWAY: readonly string[] = [
  ...AUTOMATIC,
  ...AWAY,
  ...phrasesOf(
    'vacation,on vacation,holiday,on holiday,annual leave,on leave,maternity leave,parental leave,paternity leave,sick leave,' +
      'away,urlaub,im urlaub,elternzeit,mutterschutz,abwesend,absence,absent,absente,congé,congés,vacances,en vacances,' +
      'ausencia,ausente,vacaciones,de vacaciones,assenza,assente,ferie,in ferie,ausência,férias,em férias,de férias,vakantie,' +
      'op vakantie,verlof,semester,på semester,föräldraledig,ferie,på ferie,barsel,poissa,poissaolo,lomalla,vuosiloma,' +
      'nieobecny,nieobecna,urlop,na urlopie,dovolená,na dovolené,szabadság,concediu,отпуск,в отпуске,відпустка,у відпустці,' +
      'izindeyim,tatildeyim,άδεια,休暇,休假,휴가',
  ),
];

/** What texts say of themselves that a program has sent. */
export const BY_A_PROGRAM: readonly string[] = phrasesOf(
  'this is an automated,this is an automatic,this is an auto,this message was sent automatically,automatically generated,' +
    'auto generated,automated message,automated response,automatic reply,do not reply to this,dies ist eine automatische,' +
    'dies ist eine automatisch,diese nachricht wurde automatisch,diese e mail wurde automatisch,automatisch generierte,' +
    'automatisch erstellte,ceci est un message automatique,ceci est une réponse automatique,message automatique,' +
    'réponse automatique,este es un mensaje automático,mensaje automático,respuesta automática,esta é uma mensagem automática,' +
    'mensagem automática,questo è un messaggio automatico,messaggio automatico,risposta automatica,dit is een automatisch,' +
    'automatisch gegenereerd,detta är ett automatiskt,dette er en automatisk,dette er et automatisk,tämä on automaattinen,' +
    'to jest automatyczna,wiadomość automatyczna,wygenerowana automatycznie,toto je automatická,это автоматический,' +
    'автоматическое сообщение,bu otomatik,これは自動,自動送信,自動返信,此邮件为自动,系统自动',
);
