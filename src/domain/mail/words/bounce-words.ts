import { phrasesOf } from './phrases.ts';

/** How the subjects of servers begin that return a message. */
export const RETURNED_SUBJECTS: readonly string[] = phrasesOf(
  'undeliverable,mail failure,mail failed,undelivered mail,undelivered message,undeliverable mail,undeliverable message,delivery status notification,' +
    'mail delivery failed,mail delivery failure,mail delivery system,mail delivery error,delivery failure,delivery failed,' +
    'delivery error,delivery report,delivery problem,delivery notification,failure notice,failure delivery,failed delivery,' +
    'returned mail,returned message,mail system error,nondeliverable mail,non delivery,message undeliverable,' +
    'message not delivered,message delivery failure,could not deliver,unable to deliver,your message couldn t be delivered,' +
    'your message could not be delivered,your message wasn t delivered,email delivery failure,email not delivered,bounce,' +
    'bounced mail,address not found,unzustellbar,unzustellbare,nicht zustellbar,zustellung fehlgeschlagen,zustellfehler,' +
    'mail konnte nicht zugestellt werden,e mail konnte nicht zugestellt werden,nachricht konnte nicht zugestellt werden,' +
    'benachrichtigung über den zustellstatus,fehler bei der zustellung,rückläufer,non remis,non distribuable,' +
    'message non distribué,message non remis,échec de la remise,échec de la distribution,échec de remise,échec de livraison,' +
    'échec d envoi,notification d état de remise,notification d échec de remise,no se puede entregar,no se pudo entregar,' +
    'no entregado,no entregable,error de entrega,error en la entrega,fallo en la entrega,notificación de estado de entrega,' +
    'notificación del estado de entrega,mensaje no entregado,correo devuelto,impossibile recapitare,non recapitabile,' +
    'mancato recapito,mancata consegna,messaggio non recapitato,notifica dello stato di recapito,não é possível entregar,' +
    'não foi possível entregar,não entregue,falha na entrega,falha de entrega,notificação de status de entrega,' +
    'mensagem não entregue,onbestelbaar,niet bezorgd,niet te bezorgen,bezorging mislukt,melding over bezorgstatus,' +
    'olevererbart,kunde inte levereras,kan inte levereras,det gick inte att leverera,leveransfel,kan ikke leveres,' +
    'kunne ikke leveres,ikke leveret,ikke levert,levering mislykkedes,ei voida toimittaa,ei voitu toimittaa,' +
    'toimittaminen epäonnistui,viestin toimitus epäonnistui,niedostarczalne,nie można dostarczyć,nie dostarczono,' +
    'niedostarczona,błąd dostarczania,nedoručitelné,nelze doručit,nedoručeno,nedoručiteľné,kézbesíthetetlen,' +
    'a kézbesítés sikertelen,nelivrabil,nu se poate livra,не доставлено,недоставлено,недоставленное,не удается доставить,' +
    'не удалось доставить,ошибка доставки,сообщение не доставлено,не вдалося доставити,teslim edilemez,teslim edilemedi,' +
    'iletilemedi,αδυναμία παράδοσης,配信不能,配信できません,配信エラー,送信エラー,未送达,未送達,无法投递,无法传递,無法傳遞,系统退信,退信,' +
    '배달되지 않음,배달할 수 없음,전송 실패,반송',
);

/** What such servers say in the text. */
export const RETURNED_TEXTS: readonly string[] = phrasesOf(
  'could not be delivered,couldn t be delivered,cannot be delivered,can t be delivered,was not delivered,wasn t delivered,' +
    'not been delivered,failed permanently,permanent error,permanent fatal errors,following address failed,' +
    'following addresses failed,address failed,addresses failed,did not reach some or all of the intended recipients,' +
    'did not reach the following recipient,delivery to the following recipient,delivery to the following recipients,' +
    'delivery has failed,wasn t able to deliver,was not able to deliver,unable to deliver,was undeliverable,is undeliverable,' +
    'returned to sender,returned to you,address couldn t be found,konnte nicht zugestellt werden,' +
    'konnten nicht zugestellt werden,nicht zugestellt,fehler bei der zustellung,n a pas pu être remis,' +
    'n a pas pu être distribué,n a pas pu être livré,n a pas été remis,échec de la remise,no se pudo entregar,' +
    'no se ha podido entregar,no pudo ser entregado,no se entregó,non è stato possibile recapitare,' +
    'non è stato possibile consegnare,non è stato recapitato,impossibile recapitare,não pôde ser entregue,' +
    'não foi possível entregar,não foi entregue,kon niet worden bezorgd,kan niet worden bezorgd,kon niet worden afgeleverd,' +
    'is niet bezorgd,kunde inte levereras,kunne ikke leveres,ei voitu toimittaa,nie została dostarczona,' +
    'nie można było dostarczyć,nie mogła zostać dostarczona,nebylo možné doručit,nelze doručit,не было доставлено,' +
    'не удалось доставить,не может быть доставлено,teslim edilemedi,iletilemedi,配信できませんでした,配信されませんでした,无法投递,无法送达,' +
    '未能送达,退回,전달되지 못했습니다,배달되지 않았습니다',
);

/** What subjects say while a server goes on trying, or when all went well: nothing has come back. */
export const NOT_RETURNED_SUBJECTS: readonly string[] = phrasesOf(
  'delay,delayed,warning,success,successful,relay,relayed,expanded,erfolg,erfolgreich,réussite,éxito,verzögert,verzögerung,retardé,retard,retardée,retrasado,retraso,retrasada,ritardo,ritardata,atraso,' +
    'atrasada,adiada,vertraagd,vertraging,försenat,försenad,forsinket,viivästynyt,opóźnienie,opóźniona,zpožděno,zpoždění,' +
    'задержка,отложено,задержано,gecikti,gecikme,遅延,延迟,延遲,지연',
);

/** What texts say then. */
export const STILL_TRYING: readonly string[] = phrasesOf(
  'warning message only,will be retried,will keep trying,will continue to try,still trying,will retry,will try again,' +
    'not need to resend,no need to resend,hasn t been delivered yet,has not been delivered yet,not yet been delivered,' +
    'delivery attempts will continue,wird weiterhin versucht,weitere zustellversuche,de nouvelles tentatives,' +
    'seguirá intentando,se reintentará,verrà ritentato,continuará tentando,wordt opnieuw geprobeerd,försöker igen,' +
    'prøver igen,prøver igjen,yritetään uudelleen,kolejne próby,další pokusy,попытки доставки продолжаются,' +
    'yeniden denenecek,再送を試みます,将继续尝试',
);
