import { visible } from '../../src/domain/text/visible.ts';
import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button } from '../base/parts.tsx';
import { addressQuery, fetchAt } from '../base/server.ts';
import type { Ref } from '../base/wire.ts';
import { sayFailure, tellFailure } from '../queue/load.ts';
import { type AnyFacts, act, factsIn, labelled, pageAt, ScreenShown, Table, wordOf } from './pieces.tsx';

/** The address of an action in an answer of any shape. */
function refIn({ run_id, contact_id, action_index }: AnyFacts): Ref {
  return { run_id: String(run_id), contact_id: String(contact_id), action_index: Number(action_index) };
}

/** Has the browser hand a file to the person's own program. */
async function download(desk: DeskApp, row: AnyFacts): Promise<void> {
  try {
    const answer = await fetchAt(`outbox/file?${addressQuery(refIn(row))}`);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(await answer.blob());
    link.download = wordOf(row.file);
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    tellFailure(desk, error);
  }
}

/** Gmail's page for a new mail, filled in. */
function composeAt(lines: AnyFacts): string {
  const fields = { view: 'cm', fs: '1', to: wordOf(lines.To), su: wordOf(lines.Subject), body: wordOf(lines.Message) };
  return `https://mail.google.com/mail/?${new URLSearchParams(fields)}`;
}

/** Keeps what a person says came of a message that they sent by hand. */
async function settleByHand(desk: DeskApp, row: AnyFacts, outcome: string): Promise<void> {
  const ref = refIn(row);
  try {
    const { digest, nonce } = (await desk.ways.story(ref)).row;
    await act(desk, 'settle', { ref, digest, nonce, outcome }, 'Kept.');
  } catch (error) {
    sayFailure(desk, error);
  }
}

/** What was written to files, for a person to send by hand, and to say so. */
export function OutboxScreen({ desk }: { desk: DeskApp }): Child {
  const page = pageAt(desk, 'outbox');
  const rows = factsIn(page.files).map((row) => {
    const lines = labelled(row.lines);
    const settled = (outcome: string) => () => void settleByHand(desk, row, outcome);
    return {
      key: wordOf(row.file),
      cells: [
        visible(wordOf(lines.To)),
        wordOf(lines.Subject),
        <span class="buttons">
          <Button act={() => void download(desk, row)}>Open</Button>
          <a class="button" href={composeAt(lines)} target="_blank" rel="noreferrer">
            Gmail
          </a>
          <Button act={settled('sent')}>Sent</Button>
          <Button act={settled('not_sent')}>Not sent</Button>
        </span>,
      ],
    };
  });
  return (
    <ScreenShown heading="To be sent by hand" page={page}>
      <Table page={page} head={['To', 'Subject', 'Then']} rows={rows} none="No message waits in a file." />
    </ScreenShown>
  );
}
