const NAMED: Record<string, string> = { quot: '"', apos: "'", amp: '&', lt: '<', gt: '>', nbsp: ' ' };
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(quot|apos|amp|lt|gt|nbsp));/gi;
/** Of what was escaped so often, nobody reads the inside. */
const MOST_LAYERS = 3;

function decoded(whole: string, ten?: string, sixteen?: string, name?: string): string {
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
  const point = ten === undefined ? Number.parseInt(sixteen ?? '', 16) : Number(ten);
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
}

/** A text with its entities of HTML decoded, and with straight quotation marks for curly ones. */
export function spelledOut(text: string): string {
  let plain = text;
  for (let layer = 0; layer < MOST_LAYERS && plain.includes('&'); layer++) plain = plain.replace(ENTITY, decoded);
  return plain.replace(/[“”„‟″＂]/g, '"').replace(/[‘’‚‛′＇]/g, "'");
}
