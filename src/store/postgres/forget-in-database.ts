import type { Author } from '../../domain/base/author.ts';
import type { Erasure } from '../../domain/state/erasure.ts';
import type { RewrittenLine } from '../../domain/state/events.ts';
import { type Commit, parseLine, type RewriteMarks, readHead } from '../log/commit.ts';
import { Eraser } from '../log/eraser.ts';
import type { DatabaseAccess } from './access/database-access.ts';
import { linesNaming } from './connection/lines-after.ts';
import { damagedCommit } from './memory/commit-lines.ts';

/** A process's turn to rewrite lines: the erasures to carry out, and the commits that the first edition rewrote. */
type Turn = { pending: Erasure[]; before: readonly number[] | undefined };

const LOOK_MS = 50;
const WAIT_MS = 5_000;
/** So many lines are looked at in one transaction. */
const AT_ONCE = 200;
/** So many commits are searched for deletions at once. */
const SEARCHED_AT_ONCE = 2_000;
/** A part of the log: the commits behind `n` up to `end`, and the commits that deleted those whom it is cleared of. */
type Cleared = { n: number; end: number; deletions: readonly number[] };

/** Another process took this one for dead, and took over. */
class TurnLost extends Error {}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function takeTurn(access: DatabaseAccess, author: Author): Promise<Turn | 'done' | 'taken'> {
  const { holder } = access;
  return access.commit<Turn | 'done' | 'taken'>(author, (view) => {
    const { pending, before, holder: former } = view.erasures();
    if (pending.size === 0) return { events: [], value: 'done' };
    if (former !== undefined && former !== holder && view.isAlive(former)) return { events: [], value: 'taken' };
    return {
      events: former === holder ? [] : [{ type: 'history_claimed', holder }],
      value: { pending: [...pending.values()], before },
    };
  });
}

function clearedLine(line: string, eraser: Eraser): [n: number, was: string, own: string, line: string] | undefined {
  const bytes = Buffer.from(line);
  const head = readHead(bytes);
  if (!head) throw damagedCommit(0);
  const commit = (): Commit & Partial<RewriteMarks> => {
    const parsed = parseLine(bytes, head);
    if (!parsed) throw damagedCommit(head.n);
    return parsed;
  };
  const at = { bytes, head, commit };
  const kept = eraser.keep(at, eraser.without(at));
  return kept === bytes ? undefined : [head.n, head.sha, head.own, kept.toString()];
}

/** The commits up to `end` that deleted the contacts, the newest first: only with these the database lets lines be rewritten. */
async function deletionsOf(access: DatabaseAccess, pending: readonly Erasure[], end: number): Promise<number[]> {
  const left = new Set(pending.map(({ stand_in }) => stand_in));
  const found = new Set<number>();
  for (let to = end; to > 0 && left.size > 0; to -= SEARCHED_AT_ONCE) {
    const { rows } = await access.connections.untilDone((client) =>
      client.query<{ n: number; stand_in: string }>(
        `select c.n, w.stand_in from commits c, unnest($3::text[]) w(stand_in)
         where c.n > $1 and c.n <= $2 and position('"type":"contact_deleted"' in c.line) > 0
           and position('"stand_in":"' || w.stand_in || '"' in c.line) > 0`,
        [to - SEARCHED_AT_ONCE, to, [...left]],
      ),
    );
    for (const { n, stand_in } of rows) {
      found.add(n);
      left.delete(stand_in);
    }
  }
  return [...found];
}

/**
 * Rewrites the lines after commit `n`, some at a time. The database gives those alone that the eraser would stop at: the log may have many
 * gigabytes, and few lines name a person. Gives the number of the last one that was looked at; 0 at the end.
 */
function rewriteSome(access: DatabaseAccess, eraser: Eraser, { n, end, deletions }: Cleared): Promise<number> {
  const upTo = Math.min(end, n + AT_ONCE);
  return access.connections.once(async (client) => {
    await client.query('begin');
    const rows = await linesNaming(client, eraser.texts, n, upTo);
    const rewritten = rows.flatMap(({ line }) => {
      const cleared = clearedLine(line, eraser);
      return cleared ? [cleared] : [];
    });
    if (rewritten.length > 0) await client.query('select erase_lines($1, $2)', [JSON.stringify(rewritten), deletions]);
    await client.query('commit');
    // Behind the last of them there may be more, which weren't read together with it.
    const looked = rows.at(-1)?.n ?? upTo;
    return looked < end ? looked : 0;
  });
}

/** Puts stand-ins in the place of erased contacts in what is kept for a day. */
async function rewriteKept(access: DatabaseAccess, pending: readonly Erasure[]): Promise<void> {
  await access.connections.untilDone(async (client) => {
    await client.query('begin');
    const { rows } = await client.query<{ token: string; value: string }>('select token, value from kept for update');
    for (const { token, value } of rows) {
      const text = Buffer.from(value, 'base64').toString('utf8');
      const rewritten = pending.reduce(
        (left, { contact_id, stand_in }) => left.replaceAll(JSON.stringify(contact_id), JSON.stringify(stand_in)),
        text,
      );
      if (rewritten !== text)
        await client.query('update kept set value = $2 where token = $1', [
          token,
          Buffer.from(rewritten).toString('base64'),
        ]);
    }
    await client.query('commit');
  });
}

async function rewriteAll(
  access: DatabaseAccess,
  renew: () => Promise<void>,
  author: Author,
  { pending, before }: Turn,
): Promise<void> {
  const end = await access.read((view) => view.commits());
  // What a process reads first must not be older than the deletions: the lines won't name the people any more.
  await access.saveNow();
  await rewriteKept(access, pending);
  const deletions = await deletionsOf(access, pending, end);
  const eraser = new Eraser(pending, before);
  const lines: RewrittenLine[] = [];
  const isMine = () => access.read((view) => view.erasures().holder === access.holder);
  for (let n = 0; ; ) {
    await renew();
    if (!(await isMine())) throw new TurnLost();
    eraser.named = [];
    n = await rewriteSome(access, eraser, { n, end, deletions });
    lines.push(...eraser.named);
    if (n === 0) break;
  }
  const stand_ins = pending.map(({ stand_in }) => stand_in);
  await access.commit(author, (view) => {
    if (view.erasures().holder !== access.holder) throw new TurnLost();
    return { events: [{ type: 'history_rewritten', stand_ins, lines }], value: undefined };
  });
  await access.saveNow();
}

/** Those that are at it: two calls of one process would each change lines that the other one has read. */
const atWork = new WeakSet<DatabaseAccess>();

async function oneTurn(
  access: DatabaseAccess,
  renew: () => Promise<void>,
  author: Author,
): Promise<'done' | 'taken' | 'over'> {
  if (atWork.has(access)) return 'taken';
  atWork.add(access);
  try {
    await renew();
    const turn = await takeTurn(access, author);
    if (turn === 'done' || turn === 'taken') return turn;
    await rewriteAll(access, renew, author, turn);
    return 'over';
  } catch (error) {
    if (!(error instanceof TurnLost)) throw error;
    return 'over';
  } finally {
    atWork.delete(access);
  }
}

/**
 * Erases deleted contacts from the lines of the log and from what is kept beside. One call does so at a time, of whichever process. The others
 * wait for it for up to 5 s, and take over from a dead process. False where another one is still at it.
 */
export async function forgetInDatabase(
  access: DatabaseAccess,
  renew: () => Promise<void>,
  author: Author,
): Promise<boolean> {
  const until = performance.now() + WAIT_MS;
  for (;;) {
    const turn = await oneTurn(access, renew, author);
    if (turn === 'done') return true;
    if (turn === 'over') continue;
    if (performance.now() > until) return false;
    await wait(LOOK_MS);
  }
}
