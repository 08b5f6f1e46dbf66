import { plain } from './plain.ts';

function list(text: string): string[] {
  return text.split('|').map(plain);
}

/** Before or after the words for an address: which of a person's addresses it is. The first is the best one to use. */
const WHICH = list(
  'primary|main|preferred|default|work|business|company work|office|1|personal|private|home|other|2|3',
);
const ADDRESS_WORDS = list(
  'email|e mail|mail|email address|e mail address|mail address|email id|emailid|emailaddress|email adresse|e mail adresse|mailadresse|' +
    'emailadresse|adresse e mail|adresse email|adresse mail|adresse électronique|courriel|adresse courriel|correo|correo electrónico|' +
    'dirección de correo|dirección de correo electrónico|dirección de email|email correo|endereço de email|endereço de e mail|' +
    'correio eletrônico|correio electrónico|indirizzo email|indirizzo e mail|indirizzo di posta elettronica|posta elettronica|' +
    'e mailadres|emailadres|mailadres|e post|e postadress|epost|epostadress|e postadresse|mejl|mejladress|adres e mail|adres email|' +
    'adres mailowy|e mailová adresa|emailová adresa|mailová adresa|e mail cím|email cím|sähköposti|sähköpostiosoite|adresă de email|' +
    'adresă e mail|eposta|e posta|eposta adresi|e posta adresi|электронная почта|почта|адрес электронной почты|эл почта|имейл|' +
    'електронна пошта|email διεύθυνση|ηλεκτρονικό ταχυδρομείο|メール|メールアドレス|eメール|電子メール|邮箱|电子邮件|电子邮箱|邮件地址|郵箱|' +
    '電子郵件|信箱|이메일|이메일 주소|전자메일|البريد الإلكتروني|بريد إلكتروني|אימייל|דואל|דוא ל|alamat email|địa chỉ email|surel',
);
const ADDRESS: ReadonlySet<string> = new Set(ADDRESS_WORDS);
/** Where an export puts the person in front: Pipedrive's "Person - Email - Work", a form's "Your email". */
const WHOSE =
  /^(?:person|contact|contact person|lead|customer|client|user|subscriber|member|recipient|attendee|your|buyer) /;
/** What Google and Outlook put behind: "E-mail 1 - Value", "E-mail 2 Address". */
const BEHIND = / (?:value|address|adresse)$/;

const FIRST_NAMES: ReadonlySet<string> = new Set(
  list(
    'first name|firstname|fname|given name|givenname|forename|vorname|prénom|nombre de pila|nombres|primer nombre|primeiro nome|' +
      'nome próprio|nome di battesimo|voornaam|förnamn|fornavn|imię|jméno|křestní jméno|keresztnév|etunimi|prenume|имя|імя|όνομα|' +
      'ad|adı|isim|名|名前 名|이름',
  ),
);
const LAST_NAMES: ReadonlySet<string> = new Set(
  list(
    'last name|lastname|lname|family name|familyname|surname|nachname|familienname|zuname|nom de famille|apellido|apellidos|' +
      'sobrenome|apelido|cognome|achternaam|efternamn|etternavn|efternavn|nazwisko|příjmení|vezetéknév|sukunimi|nume de familie|' +
      'фамилия|прізвище|επώνυμο|soyad|soyadı|soyisim|姓|성',
  ),
);
const FULL_NAMES: ReadonlySet<string> = new Set(
  list(
    'name|full name|fullname|contact name|person name|display name|your name|subscriber name|customer name|client name|lead name|' +
      'vollständiger name|vor und nachname|nom complet|nom et prénom|prénom et nom|nombre completo|nombre y apellidos|nome completo|' +
      'nome e cognome|nome e sobrenome|volledige naam|naam|fullständigt namn|namn|fullt navn|navn|imię i nazwisko|celé jméno|' +
      'jméno a příjmení|teljes név|koko nimi|nume complet|фио|полное имя|ονοματεπώνυμο|ad soyad|氏名|お名前|姓名|성명',
  ),
);

/** Columns with the address of a person's profile, as LinkedIn's own export, Apollo and others name them. */
const PROFILES: ReadonlySet<string> = new Set(
  list(
    'linkedin url|linkedin|linkedin profile|linkedin profile url|linkedin profile link|linkedin link|linkedin public profile url|' +
      'linkedin id|profile url|profile link|public profile url|url|profil url|url du profil|url del perfil|url do perfil|' +
      'url del profilo|profiel url',
  ),
);

/** Whether a column's name fits the address of a person's profile. Only its cells tell whether they hold one. */
export function isProfileColumn(name: string): boolean {
  return PROFILES.has(plain(name)) || PROFILES.has(withoutWhose(name));
}

function withoutWhose(name: string): string {
  return plain(name).replace(WHOSE, '');
}

/**
 * How well a column's name fits an address: 0 is best, higher is a second address; undefined for another column. "Work
 * Email" and "Email - Work" are addresses; "Company Email", "Email Owner" and "Email Status" are none of a person's.
 */
export function addressRank(name: string): number | undefined {
  const text = withoutWhose(name);
  if (ADDRESS.has(text)) return 0;
  const bare = text.replace(BEHIND, '');
  if (bare !== text && ADDRESS.has(bare)) return 0;
  for (const [rank, which] of WHICH.entries()) {
    const isFirst = bare.startsWith(`${which} `) && ADDRESS.has(bare.slice(which.length + 1));
    if (isFirst || (bare.endsWith(` ${which}`) && ADDRESS.has(bare.slice(0, -which.length - 1)))) return rank + 1;
  }
  return undefined;
}

/**
 * Which part of a person's name a column holds: one of the two, or both (`name`). `first` and `last` are words that mean
 * both alone, and one part beside the other: Spanish "Nombre" beside "Apellidos", French "Nom" beside "Prénom".
 */
export function namePart(name: string): 'firstname' | 'lastname' | 'name' | 'first' | 'last' | undefined {
  const text = withoutWhose(name);
  if (text === 'nombre' || text === 'nome') return 'first';
  if (text === 'nom') return 'last';
  if (FIRST_NAMES.has(text)) return 'firstname';
  if (LAST_NAMES.has(text)) return 'lastname';
  return FULL_NAMES.has(plain(name)) || FULL_NAMES.has(text) ? 'name' : undefined;
}

/** A full name in two: at the first space, "Last, First" turned round; one word is the first name. */
export function splitName(text: string): { firstname?: string; lastname?: string } {
  const name = text.trim().replace(/\s+/g, ' ');
  const comma = name.indexOf(',');
  const [last, first] = [name.slice(0, comma).trim(), name.slice(comma + 1).trim()];
  if (comma > 0 && first !== '' && last !== '') return { firstname: first, lastname: last };
  const plainName = name.replace(/^,|,$/g, '').trim();
  const space = plainName.indexOf(' ');
  if (plainName === '') return {};
  if (space < 0) return { firstname: plainName };
  return { firstname: plainName.slice(0, space), lastname: plainName.slice(space + 1) };
}
