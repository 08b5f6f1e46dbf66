import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { BulkBar } from '../queue/bulk.tsx';
import { Detail, hasToast } from '../queue/detail.tsx';
import { isNothingShown, List } from '../queue/list.tsx';
import { SaidAloud, Toast } from '../queue/toast.tsx';
import { AgentsScreen } from '../screens/agents.tsx';
import { ContactsScreen } from '../screens/contacts.tsx';
import { LogScreen } from '../screens/log.tsx';
import { OutboxScreen } from '../screens/outbox.tsx';
import { RanSince } from '../screens/ran.tsx';
import { RunsScreen } from '../screens/runs.tsx';
import { SettingsScreen } from '../screens/settings.tsx';
import { Dialogs } from './dialogs.tsx';
import { ButtonNote, DeskHead, PanelNote, TroubleBar } from './head.tsx';

function QueueScreen({ desk }: { desk: DeskApp }): Child {
  return (
    <main class="queue">
      <div class="side">
        <List desk={desk}>{desk.ways.kind === 'page' && isNothingShown(desk) && <RanSince desk={desk} />}</List>
        {!hasToast(desk) && <Toast desk={desk} />}
        <BulkBar desk={desk} />
      </div>
      <Detail desk={desk} />
    </main>
  );
}

/** The whole page. */
export function DeskPage({ desk }: { desk: DeskApp }): Child {
  const { screen, isOpen } = desk.state;
  const shown = {
    queue: QueueScreen,
    agents: AgentsScreen,
    runs: RunsScreen,
    contacts: ContactsScreen,
    log: LogScreen,
    outbox: OutboxScreen,
    settings: SettingsScreen,
  };
  return (
    <div class={isOpen ? 'desk is-open' : 'desk'}>
      <DeskHead desk={desk} />
      <TroubleBar desk={desk} />
      <PanelNote desk={desk} />
      <ButtonNote desk={desk} />
      {shown[screen]({ desk })}
      {screen !== 'queue' && <Toast desk={desk} />}
      <SaidAloud desk={desk} />
      <Dialogs desk={desk} />
    </div>
  );
}
