/** Liquid's own tags, which are taken out before a text is looked through. */
const LIQUID = /\{%-?\s*raw\s*-?%\}|\{%-?\s*endraw\s*-?%\}|\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;
const OUTPUT = /\{\{-?([\s\S]*?)-?\}\}/g;
const STRINGS = /"[^"]*"|'[^']*'/g;
/** Operators that an output of Liquid doesn't have: it prints true or false instead of a value. */
const OPERATOR = /\b(?:or|and)\b|\|\||&&|\?\?|\?[^?:]*:/;

const SEP = String.raw`[\s_.\-]*`;
/** Words that stand for a fact about a person. */
const FACT = new RegExp(
  `^(?:[a-z]+${SEP})?(?:(?:first|last|full|sur|given|family|user|nick|middle)${SEP}name|[fl]name|name|e-?mail(?:${SEP}address)?|company(?:${SEP}name)?|job${SEP}title|phone(?:${SEP}number)?|unsubscribe(?:${SEP}(?:link|url))?|salutation|vorname|nachname|pr[eé]nom|nombre|apellido|voornaam|achternaam|cognome)$`,
  'i',
);
/** Words in square brackets that a person was to fill in; a single word such as "Email" may be a label. */
const BLANK =
  /^(?:(?:first|last|full|given|family)[\s_-]*name|[fl]name|name|company(?:[\s_-]*name)?|job[\s_-]*title|(?:contact|lead|customer|prospect|recipient|client|sender|person|user|subscriber)(?:['’]s)?(?::|[\s_.-]).{1,40}|(?:your|my|insert|enter|add)[\s_-].{1,40}|(?:vor|nach)name|pr[eé]nom|nombre|voornaam)(?:\s*[,|].*)?$/i;

/** A kind of merge tag: how it looks, and whether the word in it has to be a fact or a blank. */
type TagKind = { tag: RegExp; holds?: RegExp };

const KINDS: readonly TagKind[] = [
  { tag: /\*\|([^|*\n]{1,80})\|\*/g },
  { tag: /%%([A-Za-z][\w .:-]{1,60})%%/g },
  { tag: /(?<!%)%([A-Za-z][\w.-]{1,60})%(?!%)/g, holds: FACT },
  { tag: /\$\[([^\]\n]{1,60})\]\$/g },
  { tag: /\[\[\s*([^[\]\n]{1,60}?)\s*\]\]/g, holds: BLANK },
  { tag: /(?<!\[)\[\s*([^[\]\n]{1,60}?)\s*\](?![([:\]])/g, holds: BLANK },
  { tag: /[$#@]\{\s*([^{}\n]{1,60}?)\s*\}/g, holds: FACT },
  { tag: /\{!\s*([A-Za-z][\w.]{1,60})\s*\}/g },
  { tag: /(?<![{$#@!])\{\$?\s*([A-Za-z][\w .-]{1,40}?)\s*\}(?!\})/g, holds: FACT },
  { tag: /<<\s*([^<>\n]{1,60}?)\s*>>/g, holds: FACT },
  { tag: /«\s*([^«»\n]{1,60}?)\s*»/g, holds: FACT },
  { tag: /~([A-Za-z]+\.[A-Za-z]\w*)~/g },
  { tag: /##\s*([A-Za-z][\w ]{1,40}?)\s*##/g, holds: FACT },
  { tag: /__([A-Za-z][A-Za-z_]{2,40}?)__/g, holds: FACT },
  { tag: /(?<![\w$])\$([A-Za-z][\w]{2,40})\$(?![\w$])/g, holds: FACT },
  { tag: /(?<![\w$])\$([A-Za-z]\w{2,40})(?![\w$(])/g, holds: FACT },
  { tag: /(?<![\w#&])#([A-Za-z][A-Za-z_]{2,40})#(?![\w#])/g, holds: FACT },
  { tag: /(?<![\w@.])@([A-Za-z][A-Za-z_]{2,40})@(?![\w@])/g, holds: FACT },
  { tag: /(?<![\w-])-([A-Za-z][A-Za-z_]{2,40})-(?![\w-])/g, holds: FACT },
  { tag: /(?<!<)<([A-Z][A-Za-z]* [A-Z][A-Za-z ]*|[A-Z]+_[A-Z_]+|FIRSTNAME|LASTNAME|FNAME|LNAME)>(?!>)/g, holds: FACT },
];
const MOST_TAGS = 5;

/** Other tools' merge tags in a template, such as `*|FNAME|*` or `[First Name]`: they would go out as they stand. */
export function mergeTagsIn(template: string): string[] {
  const text = template.replace(LIQUID, ' ');
  const found = new Set<string>();
  for (const { tag, holds } of KINDS)
    for (const [whole, inner = ''] of text.matchAll(tag)) if (!holds || holds.test(inner)) found.add(whole);
  return [...found].slice(0, MOST_TAGS);
}

/** The outputs of a template that use an operator which outputs don't have, such as `{{ a or 'b' }}`. */
export function operatedOutputs(template: string): string[] {
  const found: string[] = [];
  for (const [whole, inner = ''] of template.matchAll(OUTPUT))
    if (OPERATOR.test(inner.replace(STRINGS, "''"))) found.push(whole);
  return found.slice(0, MOST_TAGS);
}

/** What is wrong with an output that uses an operator, and what to write. */
export function operatorProblem(output: string): string {
  return `${output} has an operator, and an output has no operators: it prints true or false, or nothing. For a value where there is none, write {{ contact.firstname | default: "there" }}`;
}
