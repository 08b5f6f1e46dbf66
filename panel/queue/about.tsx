import { visible } from '../../src/domain/text/visible.ts';
import { type DeskApp, refOfRow } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { sign } from '../base/parts.tsx';
import type { EarlierAction, QueueRow, SeenEvent, StoryOfRow } from '../base/wire.ts';
import { ago, exactly } from '../text/times.ts';
import { asText, inOneLine, noun, statusWord } from '../text/words.ts';
import type { ActionItem } from './items.ts';

export function When({ at }: { at: string }): Child {
  return <time title={exactly(at)}>{ago(at, Date.now())}</time>;
}

/** A heading beside what it is about, as in a table. */
export function FactsBeside({ heading, children }: { heading: string; children?: Child }): Child {
  return (
    <section class="facts">
      <h3>{heading}</h3>
      <div>{children}</div>
    </section>
  );
}

/** What a contact did, a sign for each; opened, all that is known of it. */
export function Events({ events }: { events: SeenEvent[] }): Child {
  return (
    <ul class="chips">
      {events.slice(0, 30).map(({ type, name, properties, timestamp }) => {
        const { path, url, subject, title } = properties;
        return (
          <li>
            <details>
              <summary>
                {inOneLine(`${name ?? type} ${asText(path ?? url ?? subject ?? title)}`)}{' '}
                <span class="soft">
                  <When at={timestamp} />
                </span>
              </summary>
              <pre>{visible(asText(properties))}</pre>
            </details>
          </li>
        );
      })}
    </ul>
  );
}

/** What was done or proposed before, a line each: what became of it, what it said, why. */
function Past({ past }: { past: EarlierAction[] }): Child {
  return (
    <ul>
      {past.slice(0, 8).map(({ type, status = 'rejected', params = {}, headline, reason, at }) => {
        const said = inOneLine(headline ?? asText(params.subject ?? params.message ?? params.body)).slice(0, 120);
        return (
          <li>
            {statusWord(status)}: {noun(type)}
            {said && ` “${said}”`}
            {reason && `, because: ${inOneLine(reason)}`}{' '}
            <span class="soft">
              <When at={at} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** What moved since the draft, in amber, above all else. */
export function Since({ row, story }: { row: QueueRow; story: StoryOfRow | undefined }): Child {
  const says = story?.moved.length
    ? story.moved.map(([label, text]) => `${label}: ${text}`)
    : row.changed_since?.map(({ what }) => what);
  return (
    says?.length && (
      <section class="aside amber">
        <h3>{sign('●')} Since the draft</h3>
        {says.map((text) => (
          <p>{visible(text)}</p>
        ))}
      </section>
    )
  );
}

function Details({ row, story }: { row: QueueRow; story: StoryOfRow | undefined }): Child {
  const { type, digest, needs, proposed_at, expires_at } = row;
  const lapses = expires_at && exactly(expires_at);
  const facts = { ...refOfRow(row), type, digest, needs, proposed: exactly(proposed_at), lapses };
  return (
    <details class="soft">
      <summary>Details</summary>
      <pre>{visible(asText({ ...facts, params: story?.params ?? row.params }))}</pre>
    </details>
  );
}

/** Everything about what will be sent: why, what it rests on, what was before. It stands below the letter, never on it. */
export function About({ desk, item }: { desk: DeskApp; item: ActionItem }): Child {
  const { row, key } = item;
  const story = desk.state.stories.get(key);
  const { events = [], recent = [], rejections = row.rejections ?? [] } = story ?? {};
  return (
    <div class="about-it">
      <FactsBeside heading="Why">
        <p class="prose">{visible(story?.reasoning ?? row.reasoning)}</p>
      </FactsBeside>
      {events.length > 0 && (
        <FactsBeside heading="Seen">
          <Events events={events} />
        </FactsBeside>
      )}
      {recent.length + rejections.length > 0 && (
        <FactsBeside heading="Past">
          <Past past={[...rejections, ...recent]} />
        </FactsBeside>
      )}
      <FactsBeside heading="By">
        <p>
          <bdi>{inOneLine(row.agent_name)}</bdi>, <When at={row.proposed_at} />
        </p>
        <Details row={row} story={story} />
      </FactsBeside>
    </div>
  );
}
