/**
 * Words that stand in every sentence, in the languages that reasons are mostly written in, and those for what every action is
 * about: two reasons that both speak of a contact or an email have no more in common than any other two.
 */
const COMMON: ReadonlySet<string> = new Set(
  `contact contacts contacted email emails e mail mails message messages note notes action agent
  a about after again all already also am an and any are as at be because been being but by can cannot could did do does
  doing don for from get gets got had has have having he her here him his how i if in into is isn it its just let like me more
  most much must my need needs no nor not now of off on one only or other our out over please really s she should so some such
  t than that the their them then there these they thing this those to too up us use very was we were what when where which
  while who whom why will with would yet you your
  aber als am an auch auf aus bei bin bis bitte da das dass dem den der des die dies doch du ein eine einem einen einer er es
  für haben hat hier ich ihr im in ist ja kann kein keine man mehr mit nach nicht noch nur ob oder ohne schon sehr sie sind so
  und uns vom von vor war was wenn wer wie wir wird zu zum zur
  au aux avec ce ces cette dans de des du elle en est et il ils je la le les leur lui mais ne nous on ou où par pas plus pour
  que qui sa se ses son sur un une vous
  al como con de del el ella en es esta este la las lo los más no para pero por que se sin su sus un una y ya
  che con da dei del della di è gli i il in la le lo ma non per più si sono un una`.split(/\s+/),
);

type Vector = ReadonlyMap<string, number>;

/** Endings that change nothing of what an English word is about. Other languages lose little by it. */
function stem(word: string): string {
  if (word.length <= 3) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  const bare = word.replace(/(?:'s|ing|edly|ed|ly|es|s)$/u, '');
  const kept = bare.length >= 3 ? bare : word;
  const single = /([b-df-hj-np-rtv-z])\1$/u.test(kept) && kept.length < word.length ? kept.slice(0, -1) : kept;
  return single.length > 3 && single.endsWith('e') ? single.slice(0, -1) : single;
}

/** The words of a text that say what it is about. Where a script parts no words, its letters stand for them. */
function termsOf(text: string): string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !COMMON.has(word)).map(stem);
}

/** Each text as a vector of length 1 over its words: a word weighs the more, the fewer texts have it (TF-IDF). */
function vectorsOf(texts: readonly string[]): Vector[] {
  const counted = texts.map((text) => {
    const counts = new Map<string, number>();
    for (const term of termsOf(text)) counts.set(term, (counts.get(term) ?? 0) + 1);
    return counts;
  });
  const having = new Map<string, number>();
  for (const counts of counted) for (const term of counts.keys()) having.set(term, (having.get(term) ?? 0) + 1);
  return counted.map((counts) => {
    const weighed = [...counts].map(([term, count]): [string, number] => [
      term,
      count * (Math.log((1 + texts.length) / (1 + (having.get(term) ?? 0))) + 1),
    ]);
    const length = Math.hypot(...weighed.map(([, weight]) => weight));
    return new Map(weighed.map(([term, weight]) => [term, weight / length]));
  });
}

function cosine(one: Vector, other: Vector): number {
  const [fewer, more] = one.size <= other.size ? [one, other] : [other, one];
  let sum = 0;
  for (const [term, weight] of fewer) sum += weight * (more.get(term) ?? 0);
  return sum;
}

/** How alike each two texts are, 0 to 1. */
export function likenessOf(texts: readonly string[]): Float64Array[] {
  const vectors = vectorsOf(texts);
  return vectors.map((vector) => Float64Array.from(vectors, (other) => cosine(vector, other)));
}

/** The two groups that are most alike, and how much. */
function closest(alike: readonly Float64Array[], live: readonly number[]): { one: number; other: number; how: number } {
  const found = { one: -1, other: -1, how: -1 };
  for (const [place, one] of live.entries()) {
    const row = alike[one];
    for (let at = place + 1; row && at < live.length; at++) {
      const other = live[at] ?? -1;
      const how = row[other] ?? -1;
      if (how > found.how) Object.assign(found, { one, other, how });
    }
  }
  return found;
}

/**
 * Groups of texts that are about the same, by their places: the two groups that are most alike are joined, again and again,
 * while the average likeness of their texts is at least `least` (average link). `weights` is how often each text stands there.
 */
export function groupsOf(likeness: readonly Float64Array[], weights: readonly number[], least: number): number[][] {
  const alike = likeness.map((row) => Float64Array.from(row));
  const size = [...weights];
  const members = likeness.map((_, at) => [at]);
  let live = likeness.map((_, at) => at);
  for (;;) {
    const { one, other, how } = closest(alike, live);
    if (one < 0 || how < least) return live.map((at) => members[at] ?? []);
    const [a, b] = [size[one] ?? 1, size[other] ?? 1];
    const [row, gone] = [alike[one], alike[other]];
    for (const at of live) {
      const joined = (a * (row?.[at] ?? 0) + b * (gone?.[at] ?? 0)) / (a + b);
      if (row) row[at] = joined;
      const column = alike[at];
      if (column) column[one] = joined;
    }
    size[one] = a + b;
    members[one]?.push(...(members[other] ?? []));
    live = live.filter((at) => at !== other);
  }
}
