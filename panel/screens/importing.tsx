import { announceIt, type DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button } from '../base/parts.tsx';
import { countedAs } from '../text/words.ts';
import { act, asFacts, KnownFacts, wordOf } from './pieces.tsx';

type Dropped = NonNullable<DeskApp['state']['dropped']>;

/** Reads what a file would do, without doing it. */
async function look(desk: DeskApp, file: File | undefined): Promise<void> {
  if (!file) return;
  const text = await file.text();
  const filename = file.name;
  const answer = await act(
    desk,
    'import',
    { text, filename, dry_run: true },
    'Nothing is added yet: look at the columns.',
  );
  if (answer.columns) desk.state.dropped = { text, filename, answer };
  desk.redraw();
}

async function add(desk: DeskApp): Promise<void> {
  const { dropped } = desk.state;
  if (!dropped) return;
  const { text, filename } = dropped;
  const { created, updated } = await act(desk, 'import', { text, filename, dry_run: false }, 'Added.');
  if (created === undefined) return;
  desk.state.dropped = undefined;
  announceIt(desk, `${countedAs(Number(created), 'contact')} added, ${wordOf(updated)} changed.`);
}

/** What a file would do, column by column, before it is added. */
function ForeseenShown({ desk, dropped }: { desk: DeskApp; dropped: Dropped }): Child {
  const { created, updated, unchanged, columns, error_count, errors, warnings } = asFacts(dropped.answer);
  return (
    <div>
      <h3>{wordOf(dropped.filename)}</h3>
      <KnownFacts heading="Would do" facts={{ created, updated, unchanged, errors: error_count }} />
      <KnownFacts heading="Columns" facts={columns} />
      <KnownFacts heading="Warnings" facts={warnings} />
      <KnownFacts heading="Errors" facts={errors} />
      <p class="buttons">
        <Button act={() => void add(desk)} look="main">
          Add {countedAs(Number(created), 'contact')}
        </Button>
        <Button act={() => desk.set({ dropped: undefined })}>Don’t add</Button>
      </p>
    </div>
  );
}

/** Adding contacts: a file is dropped or chosen, its columns are shown, and then it is added. */
export function Importing({ desk }: { desk: DeskApp }): Child {
  const { dropped, me } = desk.state;
  if (me?.may.write !== true) return false;
  return (
    <section
      class="drop"
      aria-label="Add contacts"
      ondragover={(event) => event.preventDefault()}
      ondrop={(event) => {
        event.preventDefault();
        void look(desk, event.dataTransfer?.files[0]);
      }}
    >
      {dropped ? (
        <ForeseenShown desk={desk} dropped={dropped} />
      ) : (
        <label>
          Drop a file with contacts here, or choose one:{' '}
          <input
            type="file"
            onchange={({ target }) => {
              if (target instanceof HTMLInputElement) void look(desk, target.files?.[0]);
            }}
          />
        </label>
      )}
    </section>
  );
}
