import type { Author, Scope } from '../base/author.ts';

/** Whether a caller may do what one of some scopes allows. The home's owner, and the product itself, may do all. */
export function mayAnyOf(by: Author, scopes: readonly Scope[]): boolean {
  if (typeof by === 'string' || by.member === undefined) return true;
  const { scopes: held } = by.member;
  return scopes.some((scope) => held.includes(scope));
}
