import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button } from '../base/parts.tsx';
import { Events, FactsBeside, When } from '../queue/about.tsx';
import { SearchField } from '../queue/search.tsx';
import { openScreen } from '../shell/ways-in.ts';
import { personName } from '../text/words.ts';
import { Importing } from './importing.tsx';
import { type AnyFacts, asFacts, factsIn, KnownFacts, pageAt, ScreenShown, Table, wordOf } from './pieces.tsx';
import { ProposedShown } from './runs.tsx';

/** What a contact forbids, in a word. */
function forbids({ do_not_contact, do_not_email, bounced }: AnyFacts): string {
  if (do_not_contact === true) return 'no contact';
  if (do_not_email === true) return 'no email';
  return bounced === true ? 'bounced' : '';
}

function ContactShown({ desk }: { desk: DeskApp }): Child {
  const page = pageAt(desk, `contact?id=${encodeURIComponent(desk.state.subject)}`);
  const contact = asFacts(page.contact);
  const events = factsIn(page.events).map(({ type, name, properties, timestamp }) => ({
    type: wordOf(name ?? type),
    properties: asFacts(properties),
    timestamp: wordOf(timestamp),
  }));
  return (
    <ScreenShown heading={personName(contact)} page={page}>
      <p class="soft">{[contact.email, contact.company, forbids(contact)].filter(Boolean).map(wordOf).join(' · ')}</p>
      {factsIn(page.encounters).map((met) => (
        <FactsBeside heading={wordOf(met.agent_name)}>
          <p class="soft">
            <When at={wordOf(met.at)} />
          </p>
          <ProposedShown result={asFacts(met.result)} />
        </FactsBeside>
      ))}
      <FactsBeside heading="Events">
        <Events events={events} />
      </FactsBeside>
      <KnownFacts heading="Notes" facts={factsIn(page.notes).map(({ body, at }) => ({ at, body }))} />
      <KnownFacts heading="Fields" facts={contact} />
    </ScreenShown>
  );
}

/** The contacts, one of them with its story, and adding more from a file. */
export function ContactsScreen({ desk }: { desk: DeskApp }): Child {
  const { state } = desk;
  if (state.subject !== '') return ContactShown({ desk });
  const page = pageAt(desk, `contacts?query=${encodeURIComponent(state.query)}`);
  const rows = factsIn(page.contacts).map((contact) => ({
    key: wordOf(contact.id),
    cells: [
      <Button look="link" act={() => openScreen(desk, 'contacts', wordOf(contact.id))}>
        {personName(contact)}
      </Button>,
      wordOf(contact.email),
      wordOf(contact.company),
      forbids(contact),
    ],
  }));
  return (
    <ScreenShown heading="Contacts" page={page}>
      <SearchField desk={desk} />
      <Importing desk={desk} />
      <Table page={page} head={['Name', 'Address', 'Company', 'Forbids']} rows={rows} none="No contact." />
    </ScreenShown>
  );
}
