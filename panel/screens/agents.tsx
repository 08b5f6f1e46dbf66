import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button } from '../base/parts.tsx';
import { FactsBeside, When } from '../queue/about.tsx';
import { openScreen } from '../shell/ways-in.ts';
import { countedAs, statusWord } from '../text/words.ts';
import { type AnyFacts, asFacts, factsIn, KnownFacts, pageAt, ScreenShown, Table, wordOf } from './pieces.tsx';

/** Fewer cases than this say nothing. */
const FEW = 5;

const percent = (share: number) => `${Math.round(share * 100)}%`;

/** A share as a sentence and a bar; the interval as a thin line, the period before as a ghost. */
function Bar({ says, rate, before }: { says: string; rate: AnyFacts; before: AnyFacts }): Child {
  const [share, low, high, cases, was] = [rate.rate, rate.low, rate.high, rate.n, before.rate].map(Number);
  if (!cases || cases < FEW)
    return (
      <p>
        {says}: too few to say ({cases || 0})
      </p>
    );
  const count = Math.round(Number(share) * cases);
  const ghost = Number(before.n) >= FEW ? <span class="ghost" style={{ left: percent(was ?? 0) }} /> : false;
  return (
    <div>
      <p>
        {says} {count} of {cases} ({percent(low ?? 0).slice(0, -1)} to {percent(high ?? 0).replace('%', ' %')})
      </p>
      <div class="bar" aria-hidden="true">
        <span class="share" style={{ width: percent(share ?? 0) }} />
        <span class="interval" style={{ left: percent(low ?? 0), width: percent((high ?? 0) - (low ?? 0)) }} />
        {ghost}
      </div>
    </div>
  );
}

function Weeks({ weeks }: { weeks: AnyFacts[] }): Child {
  const most = Math.max(1, ...weeks.map(({ proposed }) => Number(proposed)));
  const all = weeks.reduce((sum, { proposed }) => sum + Number(proposed), 0);
  return (
    <div>
      <p>
        {countedAs(all, 'proposal')} in {weeks.length} weeks, {wordOf(weeks.at(-1)?.proposed)} in this one
      </p>
      <div class="weeks" aria-hidden="true">
        {weeks.map(({ proposed }) => (
          <span style={{ height: percent(Number(proposed) / most) }} />
        ))}
      </div>
    </div>
  );
}

/** What of an agent's insights is drawn as it is told, in this order. */
const INSIGHTS = ['recommendations', 'top_issues', 'trust', 'drift', 'compare', 'summary', 'metrics'];

/** What past decisions say of an agent: what follows, each version's share, and all that this rests on. */
function InsightsShown({ insights }: { insights: AnyFacts }): Child {
  const versions = factsIn(insights.versions).map((told) => (
    <Bar
      says={`Version ${wordOf(told.version)}, ${wordOf(told.model)}`}
      rate={{ ...told, rate: told.approval_rate }}
      before={{}}
    />
  ));
  return [
    versions.length > 0 && <FactsBeside heading="Approved of each version">{versions}</FactsBeside>,
    INSIGHTS.map((name) => <KnownFacts heading={statusWord(name)} facts={insights[name]} />),
  ];
}

function AgentShown({ desk }: { desk: DeskApp }): Child {
  const page = pageAt(desk, `agents/${encodeURIComponent(desk.state.subject)}`);
  const { playbook, name, description, ...rest } = asFacts(page.agent);
  const { playbook_md, rules } = asFacts(playbook);
  const figures = asFacts(page.figures);
  const [now, before] = [asFacts(figures.now), asFacts(figures.before)];
  return (
    <ScreenShown heading={wordOf(name)} page={page}>
      <p>{wordOf(description)}</p>
      <FactsBeside heading={`In ${wordOf(figures.days)} days`}>
        <Bar says="Approved" rate={asFacts(now.approval_rate)} before={asFacts(before.approval_rate)} />
        <Bar says="Approved without an edit" rate={asFacts(now.clean_rate)} before={asFacts(before.clean_rate)} />
        <Weeks weeks={factsIn(figures.weeks)} />
      </FactsBeside>
      <InsightsShown insights={asFacts(page.insights)} />
      <KnownFacts heading="Warnings" facts={page.warnings} />
      {wordOf(playbook_md) && (
        <FactsBeside heading="Playbook">
          <div class="prose">{wordOf(playbook_md)}</div>
        </FactsBeside>
      )}
      <KnownFacts heading="Rules" facts={rules} />
      <KnownFacts heading="Settings" facts={rest} />
    </ScreenShown>
  );
}

/** The agents, and one of them with how its proposals fared. */
export function AgentsScreen({ desk }: { desk: DeskApp }): Child {
  if (desk.state.subject !== '') return AgentShown({ desk });
  const page = pageAt(desk, 'agents');
  const rows = factsIn(page.agents).map(({ id, name, status, pending_actions, last_run }) => ({
    key: wordOf(id),
    cells: [
      <Button look="link" act={() => openScreen(desk, 'agents', wordOf(id))}>
        {wordOf(name)}
      </Button>,
      wordOf(status),
      wordOf(pending_actions),
      last_run ? <When at={wordOf(asFacts(last_run).created_at)} /> : 'never',
    ],
  }));
  return (
    <ScreenShown heading="Agents" page={page}>
      <Table page={page} head={['Agent', 'Status', 'Wait', 'Last run']} rows={rows} none="There is no agent yet." />
    </ScreenShown>
  );
}
