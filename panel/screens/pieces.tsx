import { visible } from '../../src/domain/text/visible.ts';
import { announceIt, type DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { failureText } from '../base/server.ts';
import { FactsBeside, When } from '../queue/about.tsx';
import { tellFailure } from '../queue/load.ts';
import { statusWord } from '../text/words.ts';

/** What of any answer is read, by name; a server of another version may leave anything out. */
export type AnyFacts = Record<string, unknown>;

export function asFacts(value: unknown): AnyFacts {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function factsIn(value: unknown): AnyFacts[] {
  return Array.isArray(value) ? value.map(asFacts) : [];
}

/** Lines with a label each, by their labels. */
export function labelled(value: unknown): AnyFacts {
  return asFacts(Object.fromEntries(Array.isArray(value) ? value : []));
}

/** A value as one line of text. */
export function wordOf(value: unknown): string {
  return value === undefined || value === null ? '' : visible(String(value));
}

/** Loads what a screen shows, anew where it is there already. */
export async function loadPage({ state, ways, redraw }: DeskApp, path: string): Promise<void> {
  try {
    state.pages.set(path, await ways.get(path));
  } catch (error) {
    const why = failureText(error);
    state.pages.set(path, { failed_because: why });
  }
  redraw();
}

/** What a screen shows: as it was loaded last; the first time, it is asked for. */
export function pageAt(desk: DeskApp, path: string): AnyFacts {
  const { pages } = desk.state;
  if (!pages.has(path)) {
    pages.set(path, { is_loading: true });
    void loadPage(desk, path);
  }
  return asFacts(pages.get(path));
}

/** Posts what a person asked for on another screen, says what came of it, and loads the screen anew. */
export async function act(desk: DeskApp, path: string, body: unknown, says: string): Promise<AnyFacts> {
  let answer: AnyFacts = {};
  try {
    answer = asFacts(await desk.ways.post(path, body));
    announceIt(desk, says);
  } catch (error) {
    tellFailure(desk, error);
  }
  for (const page of desk.state.pages.keys()) void loadPage(desk, page);
  return answer;
}

const isTimestamp = (text: string) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text);

/** Whether there is nothing to be told. */
const isEmpty = (value: unknown) => /^(""|\[\]|{}|null|undefined)$/.test(String(JSON.stringify(value)));

/** Any value in words: what is named stands beside its name, and what is empty is left out. */
function Anything({ value }: { value: unknown }): Child {
  if (typeof value === 'string') return isTimestamp(value) ? <When at={value} /> : visible(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value))
    return (
      <ul>
        {value.map((item: unknown) => (
          <li>
            <Anything value={item} />
          </li>
        ))}
      </ul>
    );
  const named = Object.entries(asFacts(value)).filter(([, item]) => !isEmpty(item));
  return typeof value === 'object' ? (
    <dl class="named">
      {named.map(([name, item]) => [
        <dt>{statusWord(visible(name))}</dt>,
        <dd>
          <Anything value={item} />
        </dd>,
      ])}
    </dl>
  ) : (
    String(value)
  );
}

/** A part of a screen: what it is about, and everything that is known of it. */
export function KnownFacts({ heading, facts }: { heading: string; facts: unknown }): Child {
  if (isEmpty(facts)) return false;
  return (
    <FactsBeside heading={heading}>
      <Anything value={facts} />
    </FactsBeside>
  );
}

/** A screen: its name, what can be done there, and what is there; or why not. */
export function ScreenShown({ heading, page, children }: { heading: string; page: AnyFacts; children?: Child }): Child {
  const { failed_because, is_loading } = page;
  return (
    <main class="screen">
      <div>
        <h2 tabindex="-1">{heading}</h2>
        {failed_because !== undefined && (
          <p class="aside red" role="alert">
            ⚠ {wordOf(failed_because)}
          </p>
        )}
        {is_loading === true ? <p class="soft">Loading</p> : children}
      </div>
    </main>
  );
}

type TableProps = { page: AnyFacts; head: string[]; rows: { key: string; cells: Child[] }[]; none: string };

/** A list of things, one a line; on a small screen, one below the other. `none`: what to say where there is none of them. */
export function Table({ page, head, rows, none }: TableProps): Child {
  if (rows.length === 0) return page.failed_because === undefined && <p class="empty">{none}</p>;
  return (
    <table class="lines">
      <thead>
        <tr>
          {head.map((title) => (
            <th scope="col">{title}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, cells }) => (
          <tr key={key}>
            {cells.map((cell, at) => (
              <td data-is={head[at]}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
