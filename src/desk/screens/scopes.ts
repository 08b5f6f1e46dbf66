import { mayAnyOf } from '../../domain/access/scopes.ts';
import type { Person, Scope } from '../../domain/base/author.ts';
import { AppError } from '../../domain/base/errors.ts';

/** Refuses whoever lacks one of some scopes, all of which something needs. */
export function demandAllOf(by: Person, scopes: readonly Scope[]): void {
  const lacked = scopes.find((scope) => !mayAnyOf(by, [scope]));
  if (lacked === undefined) return;
  throw new AppError('FORBIDDEN', `Your token lacks the scope ${lacked}. Nothing was changed.`, { scope: lacked });
}

/** Refuses whoever is no owner or admin: what belongs to the home as a whole is theirs. */
export function demandHead({ member }: Person): void {
  if (member === undefined || member.role !== 'member') return;
  throw new AppError('FORBIDDEN', 'This is for an owner or admin of the home. Nothing was done.', {
    role: member.role,
  });
}
