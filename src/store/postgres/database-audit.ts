import { createHash } from 'node:crypto';
import { DecisionTrail } from '../../domain/state/decision-trail.ts';
import { AuditWalk, beginAudit, decisionEntriesOf, takeDecidedOn } from '../log/audit-walk.ts';
import { readLine } from '../log/commit.ts';
import type { LogStep } from '../log/log-step.ts';
import { Rewrites } from '../log/rewrites.ts';
import type { AuditTerms, DecisionAudit, StoreReport } from '../store.ts';
import type { DatabaseAccess } from './access/database-access.ts';
import { databaseError } from './connection/faults.ts';
import { type CommitRow, linesAfter } from './connection/lines-after.ts';

const FEED = Buffer.from('\n');

/** What the head says, and the number of the newest line at that moment. */
type TableHead = { n: number; sha: string; newest: number };

async function* linesIn(access: DatabaseAccess, to: number): AsyncGenerator<CommitRow> {
  for (let n = 0; ; ) {
    const rows = await access.connections.untilDone((client) => linesAfter(client, n, to));
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    n = last.n;
  }
}

/** Reads the lines up to a commit, as a walk through the files of a home does: a segment ends with a seal. It goes on after a fault. */
async function* stepsIn(access: DatabaseAccess, to: number): AsyncGenerator<LogStep> {
  let before = { n: 0, sha: '' };
  let segment = { first: 1, isRewritten: false, hash: createHash('sha256') };
  const file = () => `the database, from commit ${segment.first} on`;
  for await (const { n, sha: kept, line } of linesIn(access, to)) {
    const where = `commit ${n} of the database`;
    const bytes = Buffer.from(line);
    segment.hash.update(bytes).update(FEED);
    const found = readLine(bytes);
    if (!found || found.commit.n !== n || found.sha !== kept) {
      yield { fault: `${where} was altered: it isn't a commit with its own digest` };
      continue;
    }
    if (n > before.n + 1) yield { fault: `${where}: commit ${before.n + 1} is missing before it` };
    else if (found.commit.prev !== before.sha) yield { fault: `${where} doesn't follow the one before it` };
    before = { n, sha: found.sha };
    if (found.rewriting) segment.isRewritten = true;
    yield { ...found, where, segment: segment.first };
    if (found.commit.seal !== true) continue;
    if (segment.isRewritten)
      yield { rewritten: { file: file(), first: segment.first, sha256: segment.hash.digest('hex') } };
    segment = { first: n + 1, isRewritten: false, hash: createHash('sha256') };
  }
  if (segment.isRewritten)
    yield { rewritten: { file: file(), first: segment.first, sha256: segment.hash.digest('hex') } };
}

/** Whether the database has a home: its schema, and a first commit. */
async function isMadeIn(access: DatabaseAccess): Promise<boolean> {
  const isTrue = async (text: string) => {
    const { rows } = await access.connections.untilDone((client) => client.query<{ yes: boolean }>(text));
    return rows[0]?.yes === true;
  };
  if (!(await isTrue(`select to_regclass('commits') is not null as yes`))) return false;
  return isTrue('select exists (select from commits) as yes');
}

async function read(access: DatabaseAccess, audit: DecisionAudit, { expectHead, recipientOf }: AuditTerms) {
  audit.isMade = await isMadeIn(access);
  if (!audit.isMade) return;
  const end = await HeadCheck.of(access);
  const about = new Set<string>();
  for await (const { line } of linesIn(access, end.n)) takeDecidedOn(Buffer.from(line), about);
  audit.trail = new DecisionTrail({ about, recipientOf });
  const walk = new AuditWalk(audit, expectHead);
  for await (const step of stepsIn(access, end.n)) {
    walk.take(step);
    end.take(step);
  }
  walk.end();
  audit.faults.push(...end.faults);
  if (expectHead !== undefined) audit.faults.push(...walk.faultsOf(expectHead));
}

/**
 * Holds the end of the log against what the head says of it. The head is read before the lines: other processes go on committing, and
 * what comes meanwhile is no fault.
 */
class HeadCheck {
  /** The number of the commit that the head names. Where there is no head, all lines are looked at. */
  readonly n: number;
  private readonly head: TableHead | undefined;
  private found = { n: 0, sha: '' };

  private constructor(head: TableHead | undefined) {
    this.head = head;
    this.n = head?.n ?? Number.MAX_SAFE_INTEGER;
  }

  static async of(access: DatabaseAccess): Promise<HeadCheck> {
    const { rows } = await access.connections.untilDone((client) =>
      client.query<TableHead>('select n, sha, coalesce((select max(c.n) from commits c), 0) as newest from head'),
    );
    return new HeadCheck(rows[0]);
  }

  take(step: LogStep): void {
    if ('commit' in step) this.found = { n: step.commit.n, sha: step.sha };
  }

  get faults(): string[] {
    const { head, found } = this;
    if (!head || head.n > found.n)
      return [`the commits end at ${found.n}, but the head knows of ${head?.n}: lines are missing at their end`];
    if (head.newest > head.n) return [`commit ${head.newest} stands behind commit ${head.n}, which the head names`];
    return head.sha === found.sha ? [] : [`commit ${head.n} isn't the one that the head names: it was altered`];
  }
}

/** Verifies the log in the database and the decisions in it. Changes nothing. */
export async function databaseAudit(access: DatabaseAccess, terms: AuditTerms = {}): Promise<DecisionAudit> {
  const audit = beginAudit(() => decisionEntriesOf(() => stepsIn(access, Number.MAX_SAFE_INTEGER)));
  try {
    await access.doing('Reading', () => read(access, audit, terms));
  } catch (error) {
    audit.faults.push(error instanceof Error ? error.message : String(error));
  }
  return audit;
}

/** Reads every line, and reports what is wrong. */
export async function databaseCheck(access: DatabaseAccess): Promise<StoreReport> {
  const report: StoreReport = { commits: 0, bytes: 0, faults: [], warnings: [] };
  try {
    await access.doing('Checking', async () => {
      await access.read((view) => view.commits());
      const rewrites = new Rewrites();
      const end = await HeadCheck.of(access);
      for await (const step of stepsIn(access, end.n)) {
        rewrites.take(step);
        if ('fault' in step) report.faults.push(step.fault);
        end.take(step);
        if ('commit' in step) report.commits = step.commit.n;
      }
      report.faults.push(...rewrites.faults, ...end.faults);
      report.warnings.push(...rewrites.warnings);
      report.bytes = await bytesIn(access);
    });
  } catch (error) {
    const told = databaseError(error, 'Checking', 'of this home');
    report.faults.push(told instanceof Error ? told.message : String(told));
  }
  return report;
}

async function bytesIn(access: DatabaseAccess): Promise<number> {
  const { rows } = await access.connections.untilDone((client) =>
    client.query<{ bytes: number | null }>('select sum(octet_length(line) + 1)::bigint as bytes from commits'),
  );
  return rows[0]?.bytes ?? 0;
}
