import type { Rate } from './intervals.ts';
import type { Drift, VersionComparison } from './over-time.ts';
import { type Issue, OTHER } from './top-issues.ts';

/** The figures that recommendations are made of. */
export type Grounds = {
  decisions: number;
  edited: number;
  expired: number;
  approval: Rate;
  clean: Rate;
  compare: VersionComparison | null;
  drift: Drift | null;
  issues: readonly Issue[];
  edits: { median: number | null; n: number };
  blocked: readonly { reason: string; n: number }[];
  offers: readonly string[];
};

const FEW = 10;

function perCent(share: number | null): string {
  return `${Math.round(100 * (share ?? 0))} %`;
}

function range({ low, high }: Pick<Rate, 'low' | 'high'>): string {
  return `${perCent(low)} to ${perCent(high)}`;
}

function onVersions({ compare, drift }: Grounds): string[] {
  const told: string[] = [];
  if (compare?.verdict === 'worse')
    told.push(
      `Version ${compare.to} is approved less often than version ${compare.from} (compare: worse): look at what it is rejected for, or go back with update_agent restore_version ${compare.from}.`,
    );
  if (drift?.verdict === 'worse')
    told.push(
      `The last ${drift.last.n} decisions went worse than the ${drift.before.n} before, ${perCent(drift.last.rate)} against ${perCent(drift.before.rate)} (drift): look at the newest rejections first.`,
    );
  return told;
}

/** Sentences that follow from figures, each naming the one it rests on; none where nothing follows. */
export function recommendationsOf(grounds: Grounds): string[] {
  const { decisions, expired, approval, clean, issues, edits, edited, blocked, offers } = grounds;
  const told = onVersions(grounds);
  const [first] = issues.filter(({ issue, impact }) => issue !== OTHER && impact !== 'low');
  if (decisions >= FEW && first)
    told.push(
      `${first.frequency} of ${decisions} decisions were rejections for the same matter (top_issues, the first one): have the playbook say it, with the prompt improve_playbook.`,
    );
  if (approval.n >= FEW && (approval.high ?? 1) < 0.5)
    told.push(
      `Fewer than half of its proposals are approved (approval_rate, ${range(approval)} of ${approval.n}): narrow whom it looks at, or mend the playbook, before it proposes more.`,
    );
  if (clean.n >= FEW && edited >= 5 && edited / decisions >= 0.3)
    told.push(
      `${edited} of ${decisions} were edited before they went (clean_rate, ${range(clean)}${edits.n > 0 ? `; edit_distance, median ${perCent(edits.median)}` : ''}): what is always changed belongs into the playbook, with the prompt improve_playbook.`,
    );
  const [most] = blocked;
  if (most && most.n >= FEW && most.n > decisions)
    told.push(
      `The gate blocked ${most.n} proposals for one reason (blocked_by, the first one), more than were decided: a filter that leaves those contacts out saves the work.`,
    );
  if (expired >= FEW && expired > decisions)
    told.push(
      `${expired} proposals expired and ${decisions} were decided (summary): run it less often, or for fewer contacts.`,
    );
  for (const type of offers)
    told.push(
      `You may stop checking ${type} one by one (trust): the row says how to grant it, and what stays checked.`,
    );
  return told;
}
