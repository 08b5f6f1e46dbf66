import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { countedAs } from '../text/words.ts';
import { asFacts, factsIn, pageAt } from './pieces.tsx';

const DAY = 24 * 60 * 60_000;

/** What ran in the last day: it stands where nothing waits. */
export function RanSince({ desk }: { desk: DeskApp }): Child {
  const { runs, is_loading } = pageAt(desk, 'runs?limit=200');
  const late = factsIn(runs).filter(({ created_at }) => Date.now() - Date.parse(String(created_at)) < DAY);
  const sum = (name: string) => late.reduce((all, { summary }) => all + Number(asFacts(summary)[name] ?? 0), 0);
  return (
    is_loading !== true && (
      <p>
        {late.length === 0
          ? 'Nothing ran in the last day.'
          : `In the last day ${countedAs(late.length, 'run')} looked at ${countedAs(sum('contacts_evaluated'), 'contact')} and made ${countedAs(sum('actions_proposed'), 'proposal')}.`}
      </p>
    )
  );
}
