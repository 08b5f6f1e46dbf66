/**
 * The ways to compare a measured value with a peer's, by the name that a row's `peer.compare` gives. A row is what a
 * figure gives for each line of the table: `figure` and `means` in words, `value` in `unit`, and where there is a peer,
 * `peer` {name, value in the same unit, compare}. The goal of a row (`atMost` or `atLeast`) is of the comparison, or
 * without a peer of the value itself. `peer.quotient`, where it is given, is the median of the rounds' own quotients.
 */
const COMPARISONS = {
  length: ({ value, peer }) => [peer.quotient ?? value / peer.value, 'times as long'],
  rate: ({ value, peer }) => [value / peer.value, 'times as many'],
  speed: ({ value, peer }) => [peer.value / value, 'times as fast'],
  difference: ({ value, unit, peer }) => [value - peer.value, `${unit} more`],
};

function short(value) {
  if (Number.isInteger(value) || value >= 100) return Math.round(value).toLocaleString('en-US');
  return value.toFixed(2);
}

const inWords = ([value, unit]) => `${short(value)} ${unit}`;

function verdictOf(value, { atMost, atLeast }) {
  if (atMost !== undefined) return value <= atMost ? 'met' : 'missed';
  if (atLeast !== undefined) return value >= atLeast ? 'met' : 'missed';
  return '';
}

function goalOf(unit, { atMost, atLeast }) {
  if (atMost !== undefined) return `at most ${inWords([atMost, unit])}`;
  return atLeast === undefined ? '' : `at least ${inWords([atLeast, unit])}`;
}

/** A row as a line of the table, in words. Without a peer the line's comparison is empty. */
export function lineOf(row) {
  const measured = [row.value, row.unit];
  const judged = row.peer ? COMPARISONS[row.peer.compare](row) : measured;
  return {
    figure: row.figure,
    means: row.means,
    measured: inWords(measured),
    peer: row.peer ? `${row.peer.name}: ${inWords([row.peer.value, row.unit])}` : '',
    comparison: row.peer ? inWords(judged) : '',
    goal: goalOf(judged[1], row),
    verdict: verdictOf(judged[0], row),
  };
}

const COLUMNS = [
  ['figure', 'figure'],
  ['means', 'what it means'],
  ['measured', 'measured'],
  ['peer', 'compared with'],
  ['comparison', 'comparison'],
  ['goal', 'goal'],
  ['verdict', 'goal is'],
];

/** The table as Markdown. */
export function tableOf(lines) {
  const cells = lines.map((line) => COLUMNS.map(([key]) => line[key]));
  const head = COLUMNS.map(([, title]) => title);
  return [head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
