import { headerProblem, isAddress } from '../actions/address.ts';
import { type Author, nameOf } from '../domain/author.ts';
import { invalid } from '../domain/errors.ts';
import type { Identity } from '../domain/identity.ts';
import type { House } from './house.ts';
import { findIdentity } from './lookup.ts';
import { type Page, type PageOf, pageOf } from './paging.ts';

export type IdentityArgs = {
  name: string;
  email: string;
  signature?: string | undefined;
  smtp_url_env?: string | undefined;
  identity_id?: string | undefined;
};

function check(args: IdentityArgs): void {
  if (!isAddress(args.email)) {
    throw invalid(`"${args.email}" isn't an email address: give one such as sam@example.com.`, {
      email: 'not an address',
    });
  }
  const problem = headerProblem(args.name);
  if (problem) throw invalid(`name ${problem}. It stands in a header of each email.`, { name: problem });
}

/** Makes an identity, or replaces the one of `identity_id` whole. */
export function saveIdentity(
  house: House,
  by: Author,
  args: IdentityArgs,
): Promise<{ identity: Identity; warnings: string[] }> {
  check(args);
  const { identity_id, name, email, signature, smtp_url_env } = args;
  return house.store.commit(by, (view) => {
    const before = identity_id === undefined ? undefined : findIdentity(view, identity_id);
    const at = house.deps.now().toISOString();
    const identity: Identity = {
      id: before?.id ?? house.deps.newId('id'),
      name,
      email,
      ...(signature === undefined ? {} : { signature }),
      ...(smtp_url_env === undefined ? {} : { smtp_url_env }),
      created_by: before?.created_by ?? nameOf(by),
      created_at: before?.created_at ?? at,
      updated_at: at,
    };
    const warnings =
      smtp_url_env === undefined
        ? []
        : [
            'Sending by SMTP has no code in this build yet: emails of this identity are blocked until smtp_url_env is left out, which writes them to the outbox.',
          ];
    return { events: [{ type: 'identity_saved', identity }], value: { identity, warnings } };
  });
}

export function listIdentities(house: House, page: Page): Promise<PageOf<Identity>> {
  return house.store.read((view) => pageOf([...view.identities().values()].reverse(), page, (identity) => identity));
}
