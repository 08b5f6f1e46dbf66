import { createHash } from 'node:crypto';
import { addressKey } from './address.ts';
import { BLOCKING_FLAGS, type BlockingFlag } from './contact.ts';

/**
 * What addresses had objected to whose contacts were erased, or have another address now: each by a salted digest of the
 * address. It tells nothing of the person, and the address is still known when it comes back. One salt a home, so that
 * one digest finds an address.
 */
export type KeptObjections = { salt: string; digests: Readonly<Record<string, readonly BlockingFlag[]>> };

/** One address's part of `KeptObjections`, as an event tells it. */
export type KeptObjection = { salt: string; digest: string; flags: BlockingFlag[] };

export function objectionDigest(salt: string, address: string): string {
  return createHash('sha256')
    .update(`${salt}\n${addressKey(address)}`)
    .digest('hex');
}

/** What an address objected to before it lost a contact; undefined where it objected to nothing. */
export function keptObjection(
  { objections }: { objections?: KeptObjections },
  address: string | undefined,
): readonly BlockingFlag[] | undefined {
  if (objections === undefined || address === undefined) return undefined;
  const digest = objectionDigest(objections.salt, address);
  return Object.hasOwn(objections.digests, digest) ? objections.digests[digest] : undefined;
}

/** What an address objects to, as it is kept beside what it objected to before. `newSalt` is drawn where the home has none. */
export function withObjection(
  kept: { objections?: KeptObjections },
  { address, flags }: { address: string; flags: readonly BlockingFlag[] },
  newSalt: () => string,
): KeptObjection {
  const before = keptObjection(kept, address) ?? [];
  const salt = kept.objections?.salt ?? newSalt();
  const all = BLOCKING_FLAGS.filter((flag) => flags.includes(flag) || before.includes(flag));
  return { salt, digest: objectionDigest(salt, address), flags: all };
}
