import type { DeskApp, LogFilter } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button, Chooser } from '../base/parts.tsx';
import { addressQuery } from '../base/server.ts';
import { When } from '../queue/about.tsx';
import { noun, personName, statusWord } from '../text/words.ts';
import { asFacts, factsIn, loadPage, pageAt, ScreenShown, Table, wordOf } from './pieces.tsx';

/** So many entries more are asked for at a time, up to the most that the server gives. */
const [MORE, MOST] = [50, 200];

const logPath = (log: LogFilter) => `log?${addressQuery(log)}`;

/** Shows other entries, once they are there: until then what was shown stays. */
async function showOthers(desk: DeskApp, changed: Partial<LogFilter>): Promise<void> {
  const { state } = desk;
  const log = { ...state.log, ...changed };
  await loadPage(desk, logPath(log));
  state.pages.delete(logPath(state.log));
  desk.set({ log });
}

/** The choice of an agent, a person or a kind of decision, among those that occur. */
function LogFilters({ desk, filters }: { desk: DeskApp; filters: unknown }): Child {
  const { agents, people, kinds } = asFacts(filters);
  const named = (list: unknown, nameOf = wordOf) =>
    factsIn(list).map(({ value, name }): [string, string] => [wordOf(value), nameOf(name)]);
  const choice = (field: 'agent_id' | 'by' | 'decision', label: string, all: [string, string][]) => (
    <Chooser
      label={label}
      value={desk.state.log[field]}
      choices={all}
      chosen={(value) => void showOthers(desk, { [field]: value, limit: MORE })}
    />
  );
  return (
    <p class="filter">
      {choice('agent_id', 'All agents', named(agents))}
      {choice('by', 'Everybody', named(people))}
      {choice(
        'decision',
        'All decisions',
        named(kinds, (name) => statusWord(wordOf(name))),
      )}
    </p>
  );
}

/** Who decided what, when, and how it is known. */
export function LogScreen({ desk }: { desk: DeskApp }): Child {
  const { log } = desk.state;
  const page = pageAt(desk, logPath(log));
  const rows = factsIn(page.decisions).map((entry) => ({
    key: wordOf(entry.seq),
    cells: [
      <When at={wordOf(entry.at)} />,
      `${statusWord(wordOf(entry.decision))}${entry.edited === true ? ', edited' : ''}`,
      `${noun(wordOf(entry.type))} ${personName(asFacts(entry.contact), entry.recipient)}`,
      `${wordOf(entry.by)} (${wordOf(entry.via)})`,
      wordOf(entry.reason),
    ],
  }));
  return (
    <ScreenShown heading="Log" page={page}>
      <LogFilters desk={desk} filters={page.filters} />
      <Table
        page={page}
        head={['When', 'Decision', 'About', 'By', 'Why']}
        rows={rows}
        none="Nothing was decided yet."
      />
      {page.has_next === true && log.limit < MOST && (
        <Button act={() => void showOthers(desk, { limit: log.limit + MORE })}>Show {MORE} more</Button>
      )}
    </ScreenShown>
  );
}
