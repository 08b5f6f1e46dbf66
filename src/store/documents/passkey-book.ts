import type { Passkey, PasskeyBook, SigningRule } from '../../domain/decisions/passkey.ts';
import { noncesKind, passkeysKind } from '../../domain/signed/fold-passkeys.ts';
import type { Event } from '../../domain/state/events.ts';
import type { Stored } from './stored.ts';

type PasskeysData = { keys: Passkey[]; signing?: SigningRule; buttons: string[] };

/** The passkeys of everybody, and whether whatever leaves the machine needs a signature. */
export const passkeys: Stored<PasskeyBook, PasskeysData, Event> = {
  ...passkeysKind,
  dump: ({ keys, signing, buttons }) => ({
    keys: [...keys.values()],
    ...(signing ? { signing } : {}),
    buttons: [...buttons],
  }),
  load: ({ keys, signing, buttons }) => ({
    keys: new Map(keys.map((passkey) => [passkey.id, passkey])),
    ...(signing ? { signing } : {}),
    buttons: new Set(buttons),
  }),
};

/** What was signed with, so that it isn't taken for a signature again. */
export const nonces: Stored<Set<string>, string[], Event> = {
  ...noncesKind,
  dump: (state) => [...state],
  load: (data) => new Set(data),
};
