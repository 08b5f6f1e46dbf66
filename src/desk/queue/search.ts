import { setImmediate as turn } from 'node:timers/promises';
import { Budget } from '../../domain/base/budget.ts';
import { searchFor } from '../../domain/contacts/search.ts';
import type { OpenAction } from '../../domain/state/state.ts';
import type { View } from '../../domain/state/view.ts';
import { effectiveParams, findAction } from '../../engine/base/actions.ts';
import type { House } from '../../engine/base/house.ts';

/** Rows that are looked through before other calls get their turn. */
const AT_ONCE = 100;
/** Characters that a search may look through: some 2 s of work. */
const MOST_STEPS = 100_000_000;

/** All texts in a value, at any depth. */
function* innerTexts(value: unknown): Generator<string> {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const item = left.pop();
    if (typeof item === 'string') yield item;
    else if (typeof item === 'object' && item !== null) left.push(...Object.values(item));
  }
}

/** The words of a search, each of which has to stand somewhere in what is found. */
function queryWords(query: string): string[] {
  return query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** Whether one row has every word: in its contact's name, address or company, its agent's name, or its own text. */
function finds(view: View, item: OpenAction, { words, budget, isContact }: Search): boolean {
  const contact = view.contact(item.contact_id);
  if (contact && isContact(contact)) return true;
  const action = findAction(view, item);
  const { id, email, firstname, lastname, company } = contact ?? {};
  const around = [id, email, firstname, lastname, company, view.agent(item.agent_id)?.name, item.type];
  const texts = [...around, ...innerTexts(action && effectiveParams(action))];
  let left = words;
  for (const text of texts) {
    if (text === undefined) continue;
    budget.spend(text.length * (1 + left.length));
    const plain = text.toLowerCase();
    left = left.filter((word) => !plain.includes(word));
    if (left.length === 0) return true;
  }
  return left.length === 0;
}

type Search = { words: readonly string[]; budget: Budget; isContact: ReturnType<typeof searchFor> };

/** The rows in which a text is found, in turns with other calls. */
export async function foundBy(house: House, all: readonly OpenAction[], query: string): Promise<OpenAction[]> {
  const budget = new Budget('query', MOST_STEPS, 'Choose an agent or a kind first, or search for fewer words.');
  const search: Search = { words: queryWords(query), budget, isContact: searchFor(query) };
  const found: OpenAction[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const slice = all.slice(from, from + AT_ONCE);
    const some = await house.read((view) => {
      view.want({ results: [...new Set(slice.map(({ run_id }) => run_id))] });
      return slice.filter((item) => finds(view, item, search));
    });
    found.push(...some);
    await turn();
  }
  return found;
}
