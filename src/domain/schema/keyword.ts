import { type SchemaDocument, SchemaFlaw } from './schema-document.ts';
import type { Assertion, Subschema } from './subschema.ts';

/** Where a keyword stands. */
export type KeywordPlace = { document: SchemaDocument; subschema: Subschema; at: string };

/**
 * Makes a keyword's value into a check; undefined where it checks nothing. Throws SchemaFlaw where the value is none that
 * the keyword can have.
 */
export type Keyword = (word: unknown, place: KeywordPlace) => Assertion | undefined;

export function demandCount(word: unknown, { at }: KeywordPlace): number {
  if (typeof word === 'number' && Number.isInteger(word) && word >= 0) return word;
  throw new SchemaFlaw(at, "isn't a whole number from 0");
}

export function demandNumber(word: unknown, { at }: KeywordPlace): number {
  if (typeof word === 'number' && Number.isFinite(word)) return word;
  throw new SchemaFlaw(at, "isn't a number");
}

export function demandText(word: unknown, { at }: KeywordPlace): string {
  if (typeof word === 'string') return word;
  throw new SchemaFlaw(at, "isn't a text");
}

export function demandTexts(word: unknown, { at }: KeywordPlace): string[] {
  if (Array.isArray(word) && word.every((item) => typeof item === 'string')) return word;
  throw new SchemaFlaw(at, "isn't a list of texts");
}

/** A schema that checks the same value as the one it stands in. */
export function samePlacePart(raw: unknown, { document, subschema }: KeywordPlace): Subschema {
  const part = document.part(raw);
  subschema.samePlace.push(part);
  return part;
}
