import { visible, visibleAddress } from '../../src/domain/text/visible.ts';
import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button, Prose } from '../base/parts.tsx';
import type { LabelledLine, QueueRow } from '../base/wire.ts';
import { type Piece, wordDifference } from '../text/difference.ts';
import { asText, inOneLine, noun } from '../text/words.ts';
import { beginEdit, forgetEdit, wouldBeParams } from './edit.ts';
import { type ActionItem, contactNamed } from './items.ts';

type Params = Record<string, unknown>;

/** Lines that say where something goes and from whom: they stand above the letter, never on it. */
const ABOVE = ['From', 'By', 'Goes', 'Reply-To', 'Bcc', 'To unsubscribe', 'Answers', 'Although'];
/** Texts that need no label, and those that are of use only when looked for. */
const [BARE, FOLDED] = [['Message', 'Note', 'body', 'message'], ['HTML version, whole']];

/** A name, and an address behind it. */
function nameAndAddress(text: string): [name: string, address: string] | undefined {
  const [, name, address] = /^(.*\S)\s*<([^<>]+)>$/s.exec(text) ?? [];
  return name && address ? [name, address] : undefined;
}

/** Where something goes: a name and an address, or an address or URL alone, with letters that look like others named. */
export function visibleRecipient(to: string): string {
  const parts = nameAndAddress(to);
  return parts ? `${parts[0]} <${visibleAddress(parts[1])}>` : visibleAddress(to);
}

/** The lines of an action before the server's own are there, or where it gives none. */
function plainLines(row: QueueRow, params: Params): LabelledLine[] {
  const { to, from, reply_to, bcc } = row;
  const known: [string, string | undefined][] = [
    ['To', to && visibleRecipient(to)],
    ['From', from],
    ['Reply-To', reply_to],
    ['Bcc', bcc],
    ['Goes', row.would_wait?.why],
    ['Although', row.answers?.although],
  ];
  return [
    ...known.flatMap(([label, text]): LabelledLine[] => (text ? [[label, text]] : [])),
    ...Object.entries(params).map(
      ([name, value]): LabelledLine => [name === 'subject' ? 'Subject' : name, asText(value)],
    ),
  ];
}

/** An action as its recipient will see it. */
export function letterLines(desk: DeskApp, item: ActionItem): LabelledLine[] {
  const { stories, edits } = desk.state;
  const story = stories.get(item.key);
  const lines = edits.get(item.key)?.lines ?? (story?.row.digest === item.row.digest ? story.lines : []);
  return lines.length > 0 ? lines : plainLines(item.row, wouldBeParams(desk, item));
}

/** A text on one line. An address in it stands on a line of its own before it breaks, and then before its @ and its dots. */
function breakable(text: string): Child {
  return inOneLine(text)
    .split(/(<?[^\s<]+@\S+)/)
    .map((word, at) => {
      const parts = word.split(/(?=[@.])/).map((part, nth) => [nth > 0 && <wbr />, part]);
      return at % 2 > 0 ? <bdi class="whole">{parts}</bdi> : parts;
    });
}

/** Who gets it and who sends it: what a person must see first. */
export function RouteShown({ item, lines }: { item: ActionItem; lines: LabelledLine[] }): Child {
  const { row } = item;
  const name = contactNamed(row);
  const to = lines.find(([label]) => label === 'To')?.[1];
  const [who, address] = nameAndAddress(to ?? '') ?? [to ?? name];
  const beside = [who.includes(name) ? '' : name, inOneLine(row.contact.company ?? '')].filter((text) => text !== '');
  return (
    <header class="route">
      <p class="label">
        {noun(row.type)} {to === undefined ? 'about' : 'to'}
      </p>
      <h2 tabindex="-1">
        <bdi>{breakable(who)}</bdi>
        {address && [' ', <bdi class="address">{breakable(`<${address}>`)}</bdi>]}
      </h2>
      <p class="soft">
        <bdi>{beside.join(', ')}</bdi>
      </p>
      <dl>
        {lines
          .filter(([label]) => ABOVE.includes(label))
          .map(([label, text]) => [<dt>{label}</dt>, <dd>{breakable(text)}</dd>])}
      </dl>
    </header>
  );
}

/** A text with what was added and taken, in words. */
export function Marked(pieces: readonly Piece[]): Child {
  return pieces.map(({ text, kind }) => {
    if (kind === 'same') return visible(text);
    const [words, space] = [text.trimEnd(), text.slice(text.trimEnd().length)];
    return [kind === 'added' ? <ins>{visible(words)}</ins> : <del>{visible(words)}</del>, space];
  });
}

function LineShown({ line: [label, text] }: { line: LabelledLine }): Child {
  const body = <Prose>{visible(text)}</Prose>;
  if (BARE.includes(label)) return body;
  if (FOLDED.includes(label))
    return (
      <details>
        <summary>
          {label}, {text.length} characters
        </summary>
        {body}
      </details>
    );
  return (
    <div class="field">
      <p class="label">{label}</p>
      {body}
    </div>
  );
}

/** What will be sent, on its own surface. */
export function Paper({ lines }: { lines: LabelledLine[] }): Child {
  const subject = lines.find(([label]) => label === 'Subject')?.[1];
  return (
    <section class="paper" aria-label="What will be sent">
      {subject !== undefined && <h3>{inOneLine(subject)}</h3>}
      {lines
        .filter(([label]) => !['To', 'Subject', ...ABOVE].includes(label))
        .map((line) => (
          <LineShown line={line} />
        ))}
    </section>
  );
}

/** What of some params differs, each in words. */
export function Differences({ before, after }: { before: Params; after: Params }): Child {
  return Object.keys({ ...before, ...after }).map((name) => {
    const [then, now] = [asText(before[name]), asText(after[name])];
    return (
      then !== now && (
        <div class="field difference">
          <p class="label">{name}</p>
          <Prose>{Marked(wordDifference(then, now))}</Prose>
        </div>
      )
    );
  });
}

/** That a proposal was edited, and how, in words. */
export function EditShown({ desk, item }: { desk: DeskApp; item: ActionItem }): Child {
  const { row, key } = item;
  const isOwn = desk.state.edits.has(key);
  if (!isOwn && !row.edited_params) return false;
  return (
    <section class="aside">
      <h3>Edited</h3>
      <Differences before={row.params} after={wouldBeParams(desk, item)} />
      {isOwn && (
        <p class="buttons">
          <Button act={() => beginEdit(desk, item)}>Edit again</Button>
          <Button act={() => forgetEdit(desk, key)}>Back to the proposal</Button>
        </p>
      )}
    </section>
  );
}
