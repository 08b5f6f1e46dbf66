import { readPlain } from '../../../files/durable.ts';
import { numberOf, readLine, splitLines } from '../../log/commit.ts';
import { sha256Of } from '../../log/eraser.ts';
import type { LogStep } from '../../log/log-step.ts';
import { listSegments, segmentPath } from './segments.ts';

const HASH = 35;
const BEGIN = Buffer.from('{"n":');

/** A forged line may hold many beginnings of commits, and each costs a digest. Only so many are tried. */
const MOST_BEGINNINGS = 50;

/**
 * Whether a line ends in a whole commit. A writer that dies leaves the beginning of a line, and the next writer's
 * commit may stand right behind it.
 */
function endsInCommit(line: Buffer): boolean {
  let beginnings = 0;
  for (let at = line.lastIndexOf(BEGIN); at > 0; at = line.lastIndexOf(BEGIN, at - 1)) {
    const end = line.subarray(at);
    if (numberOf(end) === undefined) continue;
    if (readLine(end)) return true;
    beginnings += 1;
    if (beginnings === MOST_BEGINNINGS) return false;
  }
  return false;
}

/** The place in the chain behind the last commit that counted. */
type Place = { n: number; sha: string; segment: number; isSealed: boolean; isRewritten: boolean };

function* stepsOfLine(line: Buffer, where: string, isLast: boolean, place: Place): Generator<LogStep> {
  const found = readLine(line);
  if (!found) {
    // A writer that dies leaves an unfinished line. The next writer ends it with "#", or goes on in it unawares.
    if (line.at(-1) === HASH && !isLast) return;
    if (!endsInCommit(line)) yield { fault: `${where} was altered: it isn't a commit with its own digest` };
    else if (isLast && !place.isSealed)
      yield { warning: `${where} holds a commit behind other text; it is set aside when the home is next opened` };
    return;
  }
  const { commit, sha } = found;
  // The line lost a race, or came too late behind a seal.
  if (commit.n <= place.n || place.isSealed) return;
  if (commit.n > place.n + 1) yield { fault: `${where}: commit ${place.n + 1} is missing before commit ${commit.n}` };
  else if (commit.prev !== place.sha) yield { fault: `${where}: commit ${commit.n} doesn't follow the one before it` };
  place.n = commit.n;
  place.sha = sha;
  place.isSealed = commit.seal === true;
  if (found.rewriting) place.isRewritten = true;
  yield { ...found, where, segment: place.segment };
}

/** Reads the whole log and goes on after a fault. Changes nothing; even an unreadable newest commit stays. */
export function* walkLog(directory: string): Generator<LogStep> {
  const place: Place = { n: 0, sha: '', segment: 1, isSealed: false, isRewritten: false };
  const segments = listSegments(directory);
  for (const segment of segments) {
    const file = segmentPath(directory, segment);
    const bytes = readPlain(file);
    const { lines, rest } = splitLines(bytes);
    let end = 0;
    place.segment = segment;
    place.isSealed = false;
    place.isRewritten = false;
    if (segment !== place.n + 1) yield { fault: `${file} is out of place: commit ${place.n + 1} should follow here` };
    for (const [index, line] of lines.entries()) {
      if (!place.isSealed) end += line.length + 1;
      if (line.length === 0) continue;
      const isLast = index === lines.length - 1 && rest.length === 0;
      yield* stepsOfLine(line, `${file} line ${index + 1}`, isLast, place);
    }
    if (place.isRewritten) yield { rewritten: { file, first: segment, sha256: sha256Of(bytes.subarray(0, end)) } };
    if (rest.length === 0) continue;
    const cut = `${file} ends in a commit cut short, which was never acknowledged`;
    yield segment === segments.at(-1)
      ? { warning: `${cut}; it is set aside when the home is next opened` }
      : { warning: cut };
  }
}
