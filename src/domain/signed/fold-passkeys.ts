import type { PasskeyBook } from '../decisions/passkey.ts';
import { authenticatorFacts } from '../decisions/signed-proof.ts';
import type { Event } from '../state/events.ts';
import type { Kind } from '../state/fold.ts';

function switched(state: PasskeyBook, { on, at, by, person }: Event & { type: 'signing_set' }): void {
  delete state.signing;
  if (!on) return;
  const own = [...state.keys.values()].filter((passkey) => passkey.person === person);
  state.signing = { since: at, by, person, keys: own.map(({ id }) => id) };
}

/** A passkey has signed: its counter, where it has one, never goes back. */
function used(state: PasskeyBook, { proof, at }: Event & { type: 'signed' }): void {
  const signer = [...state.keys.values()].find(({ public_key }) => public_key === proof.publicKey);
  if (!signer) return;
  const { counter } = authenticatorFacts(proof.authenticatorData);
  state.keys.set(signer.id, { ...signer, counter: Math.max(signer.counter, counter), used_at: at });
}

export const passkeysKind: Kind<PasskeyBook> = {
  empty: () => ({ keys: new Map(), buttons: new Set() }),
  fold(state, event) {
    switch (event.type) {
      case 'passkey_added': {
        const { passkey } = event;
        state.keys.set(passkey.id, passkey);
        if (passkey.how === 'button') state.buttons.add(passkey.person);
        if (passkey.added_by !== undefined && state.signing?.keys.includes(passkey.added_by))
          state.signing = { ...state.signing, keys: [...state.signing.keys, passkey.id] };
        return;
      }
      case 'passkey_removed': {
        // The button is for somebody who never had a passkey: else it would undo what a signature was asked for. Where the
        // home's owner took a lost one away, the button is there again.
        const person = state.keys.get(event.passkey_id)?.person;
        if (event.for_another) state.buttons.delete(person ?? '');
        else if (person !== undefined) state.buttons.add(person);
        state.keys.delete(event.passkey_id);
        if (state.signing)
          state.signing = { ...state.signing, keys: state.signing.keys.filter((id) => id !== event.passkey_id) };
        return;
      }
      case 'signing_set':
        switched(state, event);
        return;
      case 'signed':
        used(state, event);
    }
  },
};

/** The nonces of everything that was ever signed: a signature counts once. */
export const noncesKind: Kind<Set<string>> = {
  empty: () => new Set(),
  fold(state, event) {
    if (event.type === 'signed') state.add(event.proof.nonce);
  },
};
