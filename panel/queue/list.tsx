import type { DeskApp, DeskItem } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button, Chooser, sign } from '../base/parts.tsx';
import { age, ago, clock, exactly } from '../text/times.ts';
import { countedAs, inOneLine, noun } from '../text/words.ts';
import {
  type ActionItem,
  canPick,
  isOpenItem,
  itemAbout,
  itemName,
  listSections,
  type Section,
  shownItems,
  sinceOf,
} from './items.ts';
import { pickItem } from './keys.ts';
import { loadQueue, openItem } from './load.ts';
import { SearchField } from './search.tsx';

/** The second line of a row, only where something is unusual: a sign, words, and how they look. */
function unusual({ state }: DeskApp, item: DeskItem): [string, string, string] | undefined {
  const gone = state.gone.get(item.key);
  if (gone) return ['✓', gone.says, 'soft'];
  if (state.stale.has(item.key)) return ['●', 'Changed since you read it', 'amber-text'];
  if (item.kind === 'change') return undefined;
  const { row } = item;
  const [moved] = row.changed_since ?? [];
  if (moved) return ['●', `Since the draft: ${inOneLine(moved.what)}`, 'amber-text'];
  return state.edits.has(item.key) || row.edited_params ? ['✎', 'Edited', 'soft'] : undefined;
}

function Row({ desk, item }: { desk: DeskApp; item: DeskItem }): Child {
  const { state } = desk;
  const { key } = item;
  const note = unusual(desk, item);
  const name = itemName(item);
  const since = sinceOf(item);
  const open = () => {
    Object.assign(state, { isOpen: true, isBulk: false });
    void openItem(desk, key);
  };
  return (
    <li key={key} dir="ltr" class={isOpenItem(desk, item) ? 'item' : 'item gone'}>
      {canPick(desk, item) ? (
        <label class="pick">
          <input
            type="checkbox"
            aria-label={`Select ${name}`}
            checked={state.picked.has(key)}
            onchange={() => pickItem(desk, item)}
          />
        </label>
      ) : (
        <span class="pick" />
      )}
      <button type="button" class="row" aria-current={state.current === key || undefined} onclick={open}>
        <bdi class="name">{name}</bdi>
        <bdi class="about">{itemAbout(item, desk)}</bdi>
        <time title={exactly(since)}>{age(since, Date.now())}</time>
        {note && (
          <bdi class={`note ${note[2]}`}>
            {sign(note[0])} {note[1]}
          </bdi>
        )}
      </button>
    </li>
  );
}

function SectionHead({ desk, section }: { desk: DeskApp; section: Section }): Child {
  const { urgent, title, kind, total, items } = section;
  const { picked } = desk.state;
  const pickable = items.filter((item): item is ActionItem => canPick(desk, item));
  const isAll = pickable.every(({ key }) => picked.has(key));
  const turn = () => {
    for (const item of pickable) if (isAll || !picked.has(item.key)) pickItem(desk, item);
  };
  return (
    <div class="section-head">
      <h2 class={urgent ? 'red-text' : undefined}>
        {urgent && sign('⚠ ')}
        {title}
      </h2>
      <span class="soft">{kind ? countedAs(total, noun(kind)) : total}</span>
      {kind !== '' && pickable.length > 1 && (
        <Button act={turn} look="quiet">
          {isAll ? 'Select none' : `Select ${pickable.length}`}
        </Button>
      )}
    </div>
  );
}

/** What stands where nothing waits; `children`: what else there is to say then. */
function Empty({ desk, children }: { desk: DeskApp; children?: Child }): Child {
  const { query, queue, agent, type } = desk.state;
  const last = queue?.last_decided;
  return (
    <div class="empty">
      <h2>{query || agent || type ? 'Nothing that waits fits.' : 'Nothing waits.'}</h2>
      {last && (
        <p title={exactly(last.at)}>
          Last decided {clock(last.at)} by <bdi>{inOneLine(last.by)}</bdi>, {ago(last.at, Date.now())}.
        </p>
      )}
      {children}
    </div>
  );
}

/** The choice of one agent or kind, where there is one. */
function QueueFilter({ desk }: { desk: DeskApp }): Child {
  const { queue, agent, type } = desk.state;
  const groups = queue?.groups ?? [];
  if (groups.length < 2 && !agent && !type) return false;
  const agents = new Map(groups.map(({ agent_id, agent_name }) => [agent_id, inOneLine(agent_name)]));
  const show = (changed: Partial<DeskApp['state']>) => {
    desk.set(changed);
    void loadQueue(desk, true);
  };
  const types = new Map(groups.map((group) => [group.type, noun(group.type)]));
  return (
    <div class="filter">
      <Chooser label="All agents" value={agent} choices={[...agents]} chosen={(value) => show({ agent: value })} />
      <Chooser label="All kinds" value={type} choices={[...types]} chosen={(value) => show({ type: value })} />
    </div>
  );
}

/** Whether the queue is known, and nothing of it is shown. */
export function isNothingShown(desk: DeskApp): boolean {
  return desk.state.queue !== undefined && shownItems(desk).length === 0;
}

/** All that waits, in sections; `children` stands where nothing does. */
export function List({ desk, children }: { desk: DeskApp; children?: Child }): Child {
  const { queue } = desk.state;
  const shown = shownItems(desk);
  const hidden = (queue?.total ?? 0) - (queue?.actions.length ?? 0);
  return (
    <section class="list" aria-label="What waits">
      {desk.ways.kind === 'page' && <SearchField desk={desk} />}
      <QueueFilter desk={desk} />
      {isNothingShown(desk) && <Empty desk={desk}>{children}</Empty>}
      {listSections(desk, shown).map((section) => (
        <section key={section.key}>
          <SectionHead desk={desk} section={section} />
          <ul>
            {section.items.map((item) => (
              <Row desk={desk} item={item} />
            ))}
          </ul>
        </section>
      ))}
      {hidden > 0 && <p class="more">{hidden} more wait behind these.</p>}
    </section>
  );
}
