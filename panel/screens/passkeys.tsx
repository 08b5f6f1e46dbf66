import { announceIt, type DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button, Form, typedIn } from '../base/parts.tsx';
import { makePasskey } from '../base/passkeys.ts';
import type { Me, PasskeyRow } from '../base/wire.ts';
import { FactsBeside, When } from '../queue/about.tsx';
import { sayUndecided, signatureFor } from '../queue/decide.ts';
import { inOneLine } from '../text/words.ts';

async function changed(desk: DeskApp, says: string, ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
    desk.state.me = await desk.ways.get<Me>('me');
    announceIt(desk, says);
  } catch (error) {
    sayUndecided(desk, error);
  }
}

/** Enrols a passkey: a later one takes the signature of one that is there. */
function enrol(desk: DeskApp, name: string, demand_signed: boolean): Promise<void> {
  return changed(desk, 'The passkey is here.', async () => {
    const { ways, state } = desk;
    const response = await makePasskey(await ways.post('passkeys/options', { name }));
    const signature = await signatureFor(desk, { decision: 'add_passkey', response });
    await ways.post('passkeys', { name, response, demand_signed, ...signature });
    state.newName = '';
  });
}

function Enrolling({ desk }: { desk: DeskApp }): Child {
  return (
    <Form act={(form) => void enrol(desk, String(form.get('name')), form.has('demand'))}>
      <label>
        Name of the passkey{' '}
        <input
          name="name"
          required
          maxlength="60"
          value={desk.state.newName}
          oninput={(event) => {
            desk.state.newName = typedIn(event);
          }}
        />
      </label>
      <p>
        <label>
          <input type="checkbox" name="demand" /> From now on, whatever leaves the machine needs my signature. Only the
          passkey can switch this off.
        </label>
      </p>
      <p class="buttons">
        <button type="submit">Add a passkey</button>
      </p>
    </Form>
  );
}

function PasskeyShown({ desk, passkey }: { desk: DeskApp; passkey: PasskeyRow }): Child {
  const { id, name, added_at, by_button } = passkey;
  const remove = () =>
    changed(desk, 'The passkey is removed.', async () =>
      desk.ways.post('passkeys/remove', {
        id,
        ...(await signatureFor(desk, { decision: 'remove_passkey', id })),
      }),
    );
  return (
    <p>
      <bdi>{inOneLine(name)}</bdi>, added <When at={added_at} />
      {by_button && ' by a button of the desk'} <Button act={() => void remove()}>Remove</Button>
    </p>
  );
}

/** The person's passkeys, and whether what leaves the machine needs one. */
export function PasskeysShown({ desk }: { desk: DeskApp }): Child {
  const { me } = desk.state;
  if (!me) return false;
  const off = () =>
    changed(desk, 'A signature is no longer needed.', async () =>
      desk.ways.post('signing', { on: false, ...(await signatureFor(desk, { decision: 'signing_off' })) }),
    );
  return (
    <FactsBeside heading="Passkeys">
      {me.passkeys.map((passkey) => (
        <PasskeyShown desk={desk} passkey={passkey} />
      ))}
      {me.signing && (
        <p>
          Whatever leaves the machine needs a signature. <Button act={() => void off()}>Switch this off</Button>
        </p>
      )}
      {me.may_enrol ? (
        <Enrolling desk={desk} />
      ) : (
        me.passkeys.length === 0 && (
          <p>
            None. In a terminal, <code>countersign passkey add</code> makes one.
          </p>
        )
      )}
    </FactsBeside>
  );
}
