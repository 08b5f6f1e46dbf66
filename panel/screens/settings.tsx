import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button } from '../base/parts.tsx';
import { FactsBeside } from '../queue/about.tsx';
import { sayUndecided, signatureFor } from '../queue/decide.ts';
import { PasskeysShown } from './passkeys.tsx';
import { act, asFacts, factsIn, KnownFacts, labelled, pageAt, ScreenShown, wordOf } from './pieces.tsx';

/** One switch for the whole home. Off takes what was shown. */
function BrakeShown({ desk }: { desk: DeskApp }): Child {
  const { brake, lines, nonce } = pageAt(desk, 'brake');
  const isOn = asFacts(brake).on === true;
  const switched = async () => {
    try {
      const signed = await signatureFor(desk, { decision: 'resume' }, isOn && desk.state.me?.signing === true);
      const says = isOn ? 'The brake is off.' : 'The brake is on.';
      await act(desk, 'brake', isOn ? { on: false, nonce, ...signed } : { on: true }, says);
    } catch (error) {
      sayUndecided(desk, error);
    }
  };
  return (
    <FactsBeside heading="Brake">
      <p>{isOn ? '● On: nothing runs, and nothing goes out.' : 'Off: agents run, and what is approved goes out.'}</p>
      <KnownFacts heading="Then" facts={labelled(lines)} />
      <p class="buttons">
        <Button act={() => void switched()} look={isOn ? 'main' : 'danger'}>
          {isOn ? 'Take the brake off' : 'Put the brake on'}
        </Button>
      </p>
    </FactsBeside>
  );
}

function NoticesShown({ desk }: { desk: DeskApp }): Child {
  const { notices } = pageAt(desk, 'settings');
  const mayAsk = 'Notification' in window && Notification.permission === 'default';
  return (
    <FactsBeside heading="Notices">
      <KnownFacts heading="Webhook" facts={notices ?? 'config.json names none, under "notify".'} />
      <p class="buttons">
        {notices !== null && (
          <Button act={() => void act(desk, 'settings/test-notice', {}, 'A test notice went out.')}>Send a test</Button>
        )}
        {mayAsk && (
          <Button act={() => void Notification.requestPermission().then(desk.redraw)}>Tell me in this browser</Button>
        )}
      </p>
    </FactsBeside>
  );
}

/** How the home is set up, and tests of what leaves it. */
export function SettingsScreen({ desk }: { desk: DeskApp }): Child {
  const page = pageAt(desk, 'settings');
  const { identities, notices: _, ...rest } = page;
  return (
    <ScreenShown heading="Settings" page={page}>
      <BrakeShown desk={desk} />
      <PasskeysShown desk={desk} />
      <NoticesShown desk={desk} />
      {factsIn(identities).map((identity) => (
        <FactsBeside heading="Sender">
          <p>
            {wordOf(identity.name)} {wordOf(identity.email)}
          </p>
          <p class="buttons">
            <Button
              act={() => void act(desk, 'settings/test-mail', { identity_id: identity.id }, 'A test mail went out.')}
            >
              Send a test to myself
            </Button>
          </p>
        </FactsBeside>
      ))}
      <KnownFacts heading="Home" facts={rest} />
    </ScreenShown>
  );
}
