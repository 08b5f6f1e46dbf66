/** Where an object stands in a text. */
type Place = { from: number; to: number };
/** A part of a text between two tags, and the name of the tags. */
type Wrapped = Place & { name: string };
type Opened = { name: string; from: number; beginsLine: boolean };

/**
 * Names, without `_`, `-`, `.` and spaces, that say nothing against what they hold: names of an answer, plain layout,
 * and tokens that templates leave behind.
 */
const HARMLESS: ReadonlySet<string> = new Set(
  `answer finalanswer response finalresponse output finaloutput result results finalresult final json jsonoutput
  outputjson code reply finalreply evaluation solution return content text markdown xml assistant message structuredoutput
  html body main section article div p pre span b i u em strong small br hr ul ol li table tr td th s bos eos eot eom inst
  system user im imstart imend eotid eomid headerid startheaderid endheaderid`.split(/\s+/),
);
/** `<draft>`, `</draft>`, `<|draft|>`, `[DRAFT]`, `&lt;draft&gt;`, and brackets of other kinds around a name in any script. */
const TAG =
  /(?<open><|&lt;|[‹＜〈◁⟨[【])[|｜]?(?<slash>\/?)[ \t]?(?<name>\p{L}[\p{L}\p{N}_.:-]{0,40})(?=[\s/|｜=>›＞〉▷⟩\]】]|&gt;)(?<rest>[^<>‹›＜＞〈〉◁▷⟨⟩[\]【】&]{0,300})(?:>|&gt;|[›＞〉▷⟩\]】])/giu;
const SIDE = /^(?<begin>begin|start)?(?<end>end|stop)?(?:of)?(?<name>.*?)(?<begun>begin|start)?(?<ended>end|stop)?$/;
const MOST_TAGS = 1_000;

function bareName(words: string): string {
  return words
    .toLowerCase()
    .replace(/^[^ ]*:/, '')
    .replace(/[_.\-| \t/]/g, '');
}

/** Whether the match stands in a line of prose as `` `<draft>` ``: then it is only spoken of. */
function isSpokenOf(text: string, { from, to }: Place): boolean {
  return text[from - 1] === '`' && text[to] === '`';
}

/** The parts of a text that stand between two tags that aren't harmless; undefined where there are too many tags. */
function wrappedParts(text: string): Wrapped[] | undefined {
  const parts: Wrapped[] = [];
  const opened: Opened[] = [];
  let tags = 0;
  for (const match of text.matchAll(TAG)) {
    const { open = '', slash, name = '', rest = '' } = match.groups ?? {};
    const place = { from: match.index, to: match.index + match[0].length };
    const whole = /^(?:begin|start|end|stop)$/i.test(name) ? `${name}${rest}` : name;
    const side = SIDE.exec(bareName(whole))?.groups ?? {};
    const known = side.name ?? '';
    if (known === '' || HARMLESS.has(known) || HARMLESS.has(bareName(whole)) || isSpokenOf(text, place)) continue;
    tags += 1;
    if (tags > MOST_TAGS) return undefined;
    const closes = slash === '/' || (side.end ?? side.ended) !== undefined;
    const at = opened.findLastIndex((each) => each.name === known);
    const [start] = at < 0 ? [] : opened.splice(at);
    if (closes && start) parts.push({ name, from: start.from, to: place.to });
    else if (closes && slash === '/') parts.push({ name, from: 0, to: place.to });
    if (closes || rest.trimEnd().endsWith('/')) continue;
    if (start) opened.push(start);
    // A word in square brackets is also what people fill in: only capitals open.
    const isOpening = open !== '[' || name === name.toUpperCase();
    const beginsLine = /(?:^|\n)[ \t]*$/.test(text.slice(Math.max(0, place.from - 80), place.from));
    if (isOpening) opened.push({ name: known, from: place.from, beginsLine });
  }
  for (const { name, from, beginsLine } of opened) if (beginsLine) parts.push({ name, from, to: text.length });
  return parts;
}

/**
 * The name of the tags that each place of a text stands in, undefined where it stands in none. Models reason between
 * tags of any name, so tags of a name that isn't known to be harmless count against what they hold: a pair, one that
 * closes what never opened (from the start), and one that begins a line and never closes (to the end). Tags inside the
 * places themselves don't count.
 */
export function wrapperNames(text: string, places: readonly Place[]): (string | undefined)[] {
  let bare = '';
  let from = 0;
  for (const place of places) {
    bare += text.slice(from, place.from) + ' '.repeat(place.to - place.from);
    from = place.to;
  }
  const parts = wrappedParts(bare + text.slice(from));
  return places.map((place) =>
    parts === undefined ? '...' : parts.find((part) => part.from <= place.from && place.to <= part.to)?.name,
  );
}
