import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button } from '../base/parts.tsx';
import { When } from '../queue/about.tsx';
import { openScreen } from '../shell/ways-in.ts';
import { noun, personName, statusWord } from '../text/words.ts';
import { type AnyFacts, asFacts, factsIn, KnownFacts, pageAt, ScreenShown, Table, wordOf } from './pieces.tsx';

/** How far a run is, as a sentence and, while it goes, a bar. */
function Progress({ run }: { run: AnyFacts }): Child {
  const { contacts_evaluated, contacts_targeted } = asFacts(run.summary);
  const [done, all] = [Number(contacts_evaluated), Number(contacts_targeted)];
  const says = `${done} of ${all}`;
  return (
    <span>
      {statusWord(wordOf(run.status))}, {says}{' '}
      {run.status === 'running' && <progress value={String(done)} max={String(all)} aria-label={says} />}
    </span>
  );
}

/** What an agent saw and proposed for one contact. */
export function ProposedShown({ result }: { result: AnyFacts }): Child {
  const actions = factsIn(result.proposed_actions).map(({ type, status, decided_by, params, edited_params }) => {
    const { subject, message, body } = asFacts(edited_params ?? params);
    const by = decided_by === undefined ? '' : ` by ${wordOf(decided_by)}`;
    return `${noun(wordOf(type))}, ${statusWord(wordOf(status))}${by}: ${wordOf(subject ?? body ?? message ?? JSON.stringify(params))}`;
  });
  const blocked = factsIn(result.blocked_actions).map(
    ({ type, reason }) => `${noun(wordOf(type))}, blocked: ${wordOf(reason)}`,
  );
  return (
    <div>
      <p class="prose">{wordOf(result.reasoning)}</p>
      <ul>
        {[...actions, ...blocked].map((text) => (
          <li>{text}</li>
        ))}
      </ul>
      {result.error !== undefined && <p class="red">⚠ {wordOf(asFacts(result.error).message)}</p>}
    </div>
  );
}

function RunShown({ desk }: { desk: DeskApp }): Child {
  const page = pageAt(desk, `runs/${encodeURIComponent(desk.state.subject)}`);
  const { contact_results, summary, ...run } = asFacts(page.run);
  const rows = factsIn(contact_results).map((result) => {
    const { contact, contact_id: id } = result;
    return {
      key: wordOf(id),
      cells: [
        <Button look="link" act={() => openScreen(desk, 'contacts', wordOf(id))}>
          {personName(asFacts(contact), id)}
        </Button>,
        <ProposedShown result={result} />,
      ],
    };
  });
  return (
    <ScreenShown heading={`Run of ${wordOf(asFacts(page.agent_names)[wordOf(run.agent_id)])}`} page={page}>
      <Progress run={{ ...run, summary }} />
      <KnownFacts heading="Counts" facts={summary} />
      <KnownFacts heading="Run" facts={run} />
      <Table page={page} head={['Contact', 'What was proposed']} rows={rows} none="No contact was looked at yet." />
    </ScreenShown>
  );
}

/** The runs, and one of them with what came of each contact. */
export function RunsScreen({ desk }: { desk: DeskApp }): Child {
  if (desk.state.subject !== '') return RunShown({ desk });
  const page = pageAt(desk, 'runs');
  const rows = factsIn(page.runs).map((run) => ({
    key: wordOf(run.id),
    cells: [
      <Button look="link" act={() => openScreen(desk, 'runs', wordOf(run.id))}>
        {wordOf(asFacts(page.agent_names)[wordOf(run.agent_id)] ?? run.agent_id)}
      </Button>,
      <When at={wordOf(run.created_at)} />,
      <Progress run={run} />,
      wordOf(asFacts(run.summary).actions_proposed),
    ],
  }));
  return (
    <ScreenShown heading="Runs" page={page}>
      <Table page={page} head={['Agent', 'When', 'How far', 'Proposed']} rows={rows} none="Nothing ran yet." />
    </ScreenShown>
  );
}
