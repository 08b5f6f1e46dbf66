import { phrasesOf } from './phrases.ts';

/** What a whole message says that wants no more mail, by language. */
export const OBJECTIONS: readonly string[] = phrasesOf(
  [
    'unsubscribe,unsubscribed,unsubscribing,un subscribe,unsub,remove me,remove us,remove my email,remove my address,' +
      'remove my name,remove this email,remove this address,remove from list,remove from the list,remove from your list,' +
      'remove from mailing list,remove from this list,removed from your list,removed from this list,removed from the list,' +
      'removed from your mailing list,take me off,take us off,taken off your list,opt out,opt me out,optout,opt us out,' +
      'stop emailing,stop e mailing,stop mailing,stop sending,stop contacting,stop writing,stop spamming,stop messaging,' +
      'do not email,don t email,dont email,do not e mail,do not mail,don t mail,do not contact,don t contact,dont contact,' +
      'do not send,don t send,dont send,do not write,don t write,no more emails,no more email,no more mails,no more mail,' +
      'no more messages,never email,never contact,never write,delete me from,leave me alone,no longer wish to receive,' +
      'no longer want to receive,do not wish to receive,do not want to receive,don t want to receive,don t want any more,' +
      'not wish to receive,not want to receive',
    'abmelden,abmeldung,abbestellen,abbestellung,austragen,melden sie mich ab,melde mich ab,tragen sie mich aus,trag mich aus,' +
      'trage mich aus,nehmen sie mich aus,nehmen sie mich von,nimm mich aus,nimm mich raus,nimm mich von,streichen sie mich,' +
      'streich mich,löschen sie mich,lösch mich,lösche mich,löschen sie meine adresse,löschen sie meine e mail,' +
      'löschen sie meine email,entfernen sie mich,entferne mich,mich entfernen,mich löschen,mich zu löschen,mich zu entfernen,' +
      'mich auszutragen,mich abzumelden,keine weiteren mails,keine weiteren e mails,keine weiteren emails,' +
      'keine weiteren nachrichten,keine mails mehr,keine e mails mehr,keine emails mehr,keine nachrichten mehr,keine werbung,' +
      'keine weitere werbung,nicht mehr anschreiben,nicht mehr kontaktieren,nicht mehr schreiben,nicht mehr anmailen,' +
      'schreiben sie mir nicht mehr,schreib mir nicht mehr,kontaktieren sie mich nicht mehr',
    'désinscrire,désinscription,désinscrivez moi,désinscrivez,désabonner,désabonnement,désabonnez moi,désabonnez,retirez moi,' +
      'supprimez moi,enlevez moi,retirer de votre liste,me retirer,me supprimer,ne plus recevoir,ne plus m écrire,' +
      'ne m écrivez plus,ne me contactez plus,ne plus me contacter,ne plus m envoyer,ne m envoyez plus,plus de mails,' +
      'plus de mail,arrêtez de m envoyer,arrêtez de m écrire,stop pub',
    'baja,darme de baja,darse de baja,cancelar suscripción,cancelar la suscripción,cancelar mi suscripción,dar de baja,dame de baja,denme de baja,deme de baja,dadme de baja,desuscribir,desuscribirme,desuscribirse,' +
      'desinscribir,desinscribirme,elimíneme,elimínenme,elimíname,eliminarme,bórreme,bórrenme,bórrame,no enviar más,' +
      'no envíen más,no me envíen más,no me envíe más,no quiero recibir,no deseo recibir,no más correos,no más emails,' +
      'no más mails,quítenme,quíteme,quítame,sacarme de,no me escriban más,no me contacten',
    'cancellami,cancellatemi,cancella iscrizione,cancellare iscrizione,disiscrivermi,disiscrivetemi,disiscrivimi,disiscrizione,disiscrivi,rimuovetemi,rimuovimi,rimuovermi,' +
      'cancellarmi,annulla iscrizione,annullare iscrizione,annullamento iscrizione,toglietemi,toglimi,non inviatemi più,' +
      'non inviate più,non scrivetemi più,non voglio più ricevere,non desidero più ricevere,non desidero ricevere,' +
      'non voglio ricevere,non contattatemi più',
    'descadastrar,descadastre me,descadastre,descadastro,cancelar inscrição,cancelar a inscrição,cancelar subscrição,' +
      'cancelar a subscrição,anular subscrição,remova me,me remova,me removam,removam me,remover me,me remover,me retire,' +
      'me retirem,retire me,retirem me,remova meu email,remova meu e mail,remover meu email,remover meu e mail,' +
      'não quero receber,não quero mais receber,não desejo receber,não desejo mais receber,não enviar mais,não me envie mais,' +
      'não me enviem mais,parem de enviar,pare de enviar,sair da lista,exclua me,me exclua',
    'uitschrijven,uitschrijving,afmelden,afmelding,schrijf mij uit,schrijf me uit,meld mij af,meld me af,verwijder mij,' +
      'verwijder me,verwijder ons,haal mij van,haal me van,haal mij uit,haal me uit,geen mails meer,geen mail meer,' +
      'geen e mails meer,geen emails meer,niet meer mailen,stop met mailen,niet langer ontvangen',
    'avregistrera,avprenumerera,avanmäl,avanmälan,avsluta prenumeration,avsluta prenumerationen,avbeställ,ta bort mig,' +
      'ta bort min,sluta maila,sluta mejla,sluta skicka,inga fler mejl,inga fler mail,inga fler e post,afmeld,afmeld mig,' +
      'frameld,frameld mig,fjern mig,slet mig,slut med at sende,stop med at sende,meld meg av,avmeld,avmelding,fjern meg,' +
      'slett meg,ingen flere mails,ingen flere mail,ingen flere e poster,slutt å sende,peruuta tilaus,peru tilaus,poista minut,' +
      'poistakaa minut,en halua enää,lopeta tilaus',
    'wypisz mnie,wypisz,wypisać,wypisanie,wypiszcie mnie,rezygnuję,usuń mnie,usuńcie mnie,usunąć mnie,proszę mnie usunąć,' +
      'proszę o usunięcie,usunięcie z listy,nie chcę otrzymywać,nie życzę sobie,odhlásit,odhlaste mě,odhlašte mě,odhlášení,' +
      'vyřaďte mě,odstraňte mě,nechci dostávat,nechci už dostávat,zrušit odběr,nepište mi,odhláste ma,leiratkozás,' +
      'leiratkozom,leiratkozni,töröljenek,iratkoztassanak le,iratkoztasson le,dezabonare,dezabonați mă,dezabonează mă,' +
      'mă dezabonez,ștergeți mă',
    'отписаться,отказ от рассылки,отказаться от рассылки,отпишите меня,отпишите,отписка,отписать,удалите меня,удалите мой адрес,уберите меня,исключите меня,не пишите,' +
      'больше не пишите,не присылайте,не присылать,не отправляйте,прекратите рассылку,відписатися,відпишіть мене,' +
      'видаліть мене,не пишіть,abonelikten çık,abonelikten çıkmak,abonelikten çıkar,listeden çıkar,listeden çıkarın,' +
      'listenizden çıkarın,beni çıkarın,üyelikten çık,διαγραφή,απεγγραφή,κατάργηση εγγραφής',
  ].join(','),
);

/** The whole of a message, where the word alone could mean anything. */
export const OBJECTIONS_ALONE: ReadonlySet<string> = new Set(
  phrasesOf(
    'stop,please stop,stop please,pls stop,just stop,stop it,stop this,stop now,stop thanks,stop thank you,remove,' +
      'please remove,remove please,pls remove,stopp,bitte stopp,bitte entfernen,bitte löschen,streichen,arrêt,arrêter,baje,' +
      'parar,pare,basta,remover,remove pf,fjern,poista,usuń,стоп',
  ),
);

/** The same in scripts that part no words: a short text with one of these. */
export const OBJECTIONS_UNPARTED: readonly string[] = phrasesOf(
  '配信停止,配信を停止,購読解除,登録解除,配信解除,解除希望,メルマガ解除,メール不要,今後のメールは不要,退订,取消订阅,退訂,取消訂閱,不要再发,请勿再发,不要再發,' +
    '請勿再發,수신거부,수신 거부,구독취소,구독 취소,구독해지,구독 해지',
);

/** Words that may stand around that and change nothing of it. None of them says no. */
export const AROUND: readonly string[] = phrasesOf(
  [
    'not interested,no interest,no longer interested,kein interesse,pas intéressé,pas intéressée,no me interesa,no nos interesa,' +
      'non mi interessa,não tenho interesse,geen interesse',
    'please,pls,plz,kindly,me,us,my,our,your,you,this,that,these,those,the,a,an,from,of,off,to,on,in,at,any,all,more,again,ever,' +
      'further,future,i,we,want,would,like,wish,d,m,ll,ve,can,could,will,how,do,list,lists,mailing,mailinglist,mail,mails,email,' +
      'emails,e,address,addresses,newsletter,newsletters,subscription,subscriptions,database,system,campaign,campaigns,sequence,' +
      'contact,contacts,message,messages,communication,communications,marketing,thanks,thank,thx,ty,sorry,ok,okay,immediately,' +
      'now,asap,today,at once,and,or,for,with,here,right,away,be,am,been,is,it,have,has,already,as,soon,possible,request,' +
      'requesting,hereby,permanently,forever,effective,just,by,these,such,anymore,any longer,getting,receiving,receive,would',
    'bitte,mich,uns,ich,wir,möchte,möchten,will,wollen,von,vom,aus,der,dem,den,die,das,ihrem,ihrer,ihren,ihre,ihr,eurem,eurer,' +
      'euren,deinem,deiner,deinen,diesem,dieser,diesen,verteiler,liste,mailingliste,adresse,emailadresse,mailadresse,' +
      'mailadressen,verteilerliste,datenbank,danke,dank,vielen,sofort,umgehend,künftig,zukünftig,zukunft,mehr,weitere,weiteren,' +
      'an,hiermit,sie,zu,ab,werden,wünsche,erhalten,bekommen,haben,und,meine,meiner,abo,werbung',
    'merci,svp,s,il,te,vous,plaît,de,moi,nous,votre,vos,cette,ces,la,le,les,diffusion,envoi,envois,l,je,j,veux,voudrais,souhaite,' +
      'demande,aimerais,ne,plus,bien,avance,au,et,par,veuillez,recevoir,base,données,des,du,vouloir,ma,mon,adresse,courriel,' +
      'courriels,d,messages,publicité',
    'por,favor,gracias,muchas,su,sus,esta,este,estos,lista,correo,correos,electrónico,electrónicos,boletín,quiero,quisiera,deseo,' +
      'solicito,mi,dirección,recibir,más,distribución,datos,el,del,y,suscripción,mensajes,publicidad,los,las,una,un,pido',
    'per,favore,cortesia,grazie,prego,da,dalla,dal,dai,vostra,vostro,vostre,vostri,di,indirizzo,mio,voglio,vorrei,chiedo,desidero,' +
      'messaggi,queste,questa,ricevere,più,comunicazioni,posta,elettronica,altre,mi,ulteriori,pubblicità',
    'obrigado,obrigada,da,do,sua,vossa,suas,mensagens,mais,quero,gostaria,meu,meus,endereço,contatos,dados,receber,dos,desta,pf,' +
      'pfv,graag,alstublieft,aub,mij,ons,ik,wil,van,uit,uw,jullie,je,deze,lijst,mailinglijst,verzendlijst,nieuwsbrief,adres,' +
      'bedankt,dank u,u,verwijderen,ontvangen,meer,adressenbestand,bij,voorbaat,alvast,mijn,bestand',
    'tack,vänligen,snälla,mig,från,er,era,din,sändlista,maillista,post,mejl,jag,vill,tak,takk,venligst,vennligst,meg,fra,jeres,' +
      'deres,listen,jeg,gerne,gjerne,nyhedsbrev,nyhetsbrev,nyhetsbrevet,den,denne,min,kiitos,ole,hyvä,olkaa,listalta,' +
      'postituslistalta,listaltanne,uutiskirjeen,minut',
    'proszę,dziękuję,mnie,mój,mojego,adres,adresu,z,listy,mailingowej,państwa,maili,wiadomości,newslettera,o,więcej,waszej,bazy,' +
      'się,prosím,děkuji,mě,mne,vašeho,seznamu,databáze,maily,emailů,odběru,newsletteru,adresu,z vašej,ďakujem,kérem,köszönöm,' +
      'az,listáról,hírlevélről,szeretnék,vă,rog,mulțumesc',
    'пожалуйста,спасибо,меня,из,от,вашей,вашего,базы,рассылки,рассылку,списка,мне,больше,мой,адрес,прошу,хочу,писем,письма,эту,' +
      'свои,на,этот,будь,ласка,дякую,мене,lütfen,teşekkürler,teşekkür,ederim,beni,listenizden,posta,istiyorum,παρακαλώ,' +
      'ευχαριστώ',
  ].join(','),
);

/** How the line begins that greets somebody. */
export const GREETINGS: readonly string[] = phrasesOf(
  'hi,hello,hey,dear,good morning,good afternoon,good day,greetings,hallo,guten tag,guten morgen,sehr geehrte,sehr geehrter,' +
    'liebe,lieber,moin,servus,grüezi,bonjour,bonsoir,madame,monsieur,cher,chère,hola,buenos días,buenas tardes,estimado,estimada,' +
    'estimados,buongiorno,buonasera,salve,ciao,gentile,spettabile,egregio,olá,bom dia,boa tarde,prezado,prezada,prezados,caro,' +
    'cara,beste,geachte,goedemorgen,goedemiddag,dag,hej,hejsan,hei,kära,kære,kjære,moi,terve,hyvä,dzień dobry,witam,szanowni,' +
    'szanowny,szanowna,dobrý den,dobrý deň,vážený,vážená,tisztelt,kedves,jó napot,bună ziua,stimate,здравствуйте,добрый день,' +
    'уважаемый,уважаемая,уважаемые,доброго дня,вітаю,merhaba,sayın,iyi günler,γεια,καλημέρα',
);

/** How what follows a message begins: wishes, a name, and what a company adds below each. */
export const CLOSINGS: readonly string[] = phrasesOf(
  'best,regards,best regards,kind regards,warm regards,many thanks and regards,thanks and regards,cheers,sincerely,' +
    'yours sincerely,yours truly,yours faithfully,all the best,mit freundlichen grüßen,mit freundlichem gruß,freundliche grüße,' +
    'beste grüße,viele grüße,liebe grüße,schöne grüße,mfg,vg,lg,gruß,grüße,cordialement,bien cordialement,bien à vous,' +
    'sincères salutations,salutations,meilleures salutations,bonne journée,bonne réception,saludos,un saludo,atentamente,' +
    'saludos cordiales,cordialmente,cordiali saluti,distinti saluti,saluti,un cordiale saluto,atenciosamente,cumprimentos,' +
    'com os melhores cumprimentos,abraços,met vriendelijke groet,met vriendelijke groeten,vriendelijke groet,groet,groeten,mvg,' +
    'med vänlig hälsning,med vänliga hälsningar,vänliga hälsningar,mvh,hälsningar,med venlig hilsen,venlig hilsen,' +
    'med vennlig hilsen,vennlig hilsen,hilsen,ystävällisin terveisin,terveisin,pozdrawiam,z poważaniem,s pozdravem,s pozdravom,' +
    'üdvözlettel,cu stimă,с уважением,з повагою,saygılarımla,iyi çalışmalar,με εκτίμηση,confidential,confidentiality,' +
    'this email and any,this e mail and any,this message and any,this email is,this e mail is,this message is,' +
    'the information contained,the information in this,disclaimer,diese e mail enthält,diese nachricht enthält,der inhalt dieser,' +
    'vertraulich,ce message et,ce courriel,ce mail et,este mensaje,este correo,questo messaggio,le informazioni,esta mensagem,' +
    'este email,este e mail,dit bericht,deze e mail,virus free,virenfrei',
);
