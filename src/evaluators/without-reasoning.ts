import { isObject, isVast } from '../domain/base/json.ts';

/** A text without the reasoning in it. `hadReasoning` says whether there was any. */
export type Bare = { text: string; hadReasoning: boolean; isEndless?: true };

/** One marker of reasoning in a text: where it stands, and whether it opens or closes. */
type Marker = { name: string; closes: boolean; from: number; to: number };

/**
 * The names of reasoning that models, their templates and prompts use, without `_`, `-` and `.`, each with the name of
 * its family: a model that opens with `think` may close with `thinking`.
 */
const FAMILIES: Record<string, string> = {
  ...{ think: 'think', thinking: 'think', thought: 'think', thoughts: 'think' },
  ...{ thoughtprocess: 'think', thinkingprocess: 'think', innerthoughts: 'think', internalthoughts: 'think' },
  ...{ reason: 'reason', reasoning: 'reason', reasonings: 'reason', reasoningcontent: 'reason' },
  ...{ reasoningprocess: 'reason', reasoningscratchpad: 'reason', rationale: 'rationale' },
  ...{ reflect: 'reflect', reflection: 'reflect', reflections: 'reflect', selfreflection: 'reflect' },
  ...{ analysis: 'analysis', analyse: 'analysis', analyze: 'analysis', analyzing: 'analysis', analysing: 'analysis' },
  ...{ scratchpad: 'scratchpad', chainofthought: 'cot', cot: 'cot' },
  ...{ monologue: 'monologue', innermonologue: 'monologue', internalmonologue: 'monologue' },
  ...{ deliberation: 'deliberate', deliberate: 'deliberate', contemplation: 'contemplate', contemplate: 'contemplate' },
  ...{ contemplator: 'contemplate', brainstorm: 'brainstorm', brainstorming: 'brainstorm', planning: 'planning' },
  ...{ rumination: 'ruminate', ruminate: 'ruminate', introspection: 'introspect', cogitation: 'cogitate' },
  ...{ denken: 'think', nachdenken: 'think', 思考: 'think', 思考过程: 'think', 思考過程: 'think', 推理: 'reason' },
};
/** What a name of a model of its own ends with: `<longcat_think>`, `<antThinking>`. */
const OWN_NAME = /(?:[_.-]|(?<=[a-z])(?=[A-Z]))(think|thinking|thoughts?)$/i;
/** Tags of any name that say by an attribute that they hold reasoning: `<details type="reasoning">`. */
const TYPED = /\b(?:type|class|role|kind)\s{0,3}=\s{0,3}["']?([\w.-]{1,40})/i;

const TAG_NAME = String.raw`(?<name>[a-z\u4e00-\u9fff][\w\u4e00-\u9fff.:-]{0,40})`;
/** Tags such as `<think>`, `</Thinking >`, `<thought lang="en">`, `&lt;think&gt;`, `<|END_THINKING|>`. */
const TAG = String.raw`(?:[<‹＜〈]|&lt;)[|｜]?(?<slash>\/?)[ \t]?${TAG_NAME}(?<rest>(?![\w.:-])[^<>]*?)(?:[>›＞〉]|&gt;|(?=<)|$)`;
/** Kimi's `◁think▷`, Mistral's `[THINK]`. */
const OTHERS = String.raw`◁(?<slash2>\/?)(?<name2>\w{1,40})▷|\[(?<slash3>\/?)(?<name3>\w{1,40})\]`;
/** Gemma's `<|channel>thought ... <channel|>`, MedGemma's `<unused94>thought ... <unused95>`. */
const TOKENS = String.raw`(?<opens><\|channel>(?!\s*final)|<unused94>)|(?<closes><channel\|>|<unused95>)`;
const MARKER = new RegExp(`${TOKENS}|${TAG}|${OTHERS}`, 'gi');

// What a lookahead has matched isn't given back: a marker with much text behind it would take the square of its length.
const SEGMENT =
  /<\|(?<token>channel|message)\|>(?:(?=(?<space>\s*))\k<space>(?=(?<channel>[a-z_]*))\k<channel>[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>)?(?<content>[\s\S]*?)(?=<\|(?:start|end|return|call|channel|message)\|>|$)/gi;
/** What stands before a message that is in no channel, if anything does. */
const START = /<\|start\|>\s{0,9}assistant\s{0,9}$/i;
const HAS_CHANNELS = /<\|(?:channel|message)\|>/i;
/** What is left of channels where a server took their markers out. */
const BARE_FINAL = /^\s*(?:analysis|commentary)[\s\S]*assistantfinal/i;
const BARE_ANALYSIS = /^\s*analysis(?=[A-Z{])/;
const SPOKEN_BEGIN = /^\s*here(?: is|['’]s) my thought process:/i;
const SPOKEN_END = /here(?: is|['’]s) my response:/i;
/** Apriel's markers: all before the last one that begins is reasoning. */
const FINAL_RESPONSE = /^[\s\S]*\[BEGIN FINAL RESPONSE\]/;
const FINAL_RESPONSE_END = /\[END FINAL RESPONSE\][\s\S]*$/;
/** A text with more markers is no reply: all of it counts as reasoning. */
const MOST_MARKERS = 1_000;
/** A longer text is no reply either, unless it is one object: reading it takes long. */
export const LONGEST_HEARD = 500_000;
/** An object that nests deeper, or has more commas between its values, is no answer. */
const MOST_LEVELS = 200;
const MOST_COMMAS = 50_000;
const FENCE = /^```(?:json)?\s*\n([\s\S]*?)\n?```$/i;

const NOTHING: Bare = { text: '', hadReasoning: true };

/** The family of a tag's name; undefined where the tag has nothing to do with reasoning. */
function reasoningFamily(name: string): { family: string; side: string | undefined } | undefined {
  const plain = name.toLowerCase().replace(/^.*:/, '').replace(/[_.-]/g, '');
  const [, side, rest = ''] = /^(begin|start|end|stop)?(?:of)?(.*)$/.exec(plain) ?? [];
  if (OWN_NAME.test(name)) return { family: 'think', side };
  const family = Object.hasOwn(FAMILIES, rest) ? FAMILIES[rest] : undefined;
  return family === undefined ? undefined : { family, side };
}

/** The family of a tag such as `<details type="reasoning">`, and of what closes it: the tag's own name. */
function typedFamily(name: string, rest: string, open: readonly string[]): string | undefined {
  const own = `<${name.toLowerCase()}>`;
  if (open.includes(own)) return own;
  const [, type] = TYPED.exec(rest) ?? [];
  return type !== undefined && reasoningFamily(type) ? own : undefined;
}

function markerOf(match: RegExpExecArray, open: readonly string[]): Marker | undefined {
  const { groups = {} } = match;
  const place = { from: match.index, to: match.index + match[0].length };
  if (groups.opens !== undefined || groups.closes !== undefined)
    return { name: 'channel', closes: groups.closes !== undefined, ...place };
  const { name3: bracketed } = groups;
  const slash = groups.slash || groups.slash2 || groups.slash3;
  // A word in square brackets is also what people fill in, or a link: only capitals open.
  if (bracketed !== undefined && !slash && bracketed !== bracketed.toUpperCase()) return undefined;
  const known = reasoningFamily(groups.name ?? groups.name2 ?? bracketed ?? '');
  const typed = known ? undefined : typedFamily(groups.name ?? '', groups.rest ?? '', open);
  if (typed !== undefined) return { name: typed, closes: Boolean(slash), ...place };
  if (!known) return undefined;
  return { name: known.family, closes: Boolean(slash) || known.side === 'end' || known.side === 'stop', ...place };
}

/** Whether a tag such as `<think/>` is empty. */
function isEmpty(match: RegExpExecArray): boolean {
  return match.groups?.rest?.trimEnd().endsWith('/') === true && match.groups.slash === '';
}

/** Whether a tag stands alone between backticks: a reply that explains tags writes them so. */
function isSpokenOf(text: string, { from, to }: Marker): boolean {
  return text[from - 1] === '`' && text[to] === '`';
}

/**
 * Takes tags off with what they hold. One that never closes reaches to the end, one that closes what never opened from
 * the start: some templates open the reasoning before the model says a word.
 */
function withoutTags(text: string): Bare {
  const open: string[] = [];
  let kept = '';
  let from = 0;
  let markers = 0;
  for (const match of text.matchAll(MARKER)) {
    const marker = markerOf(match, open);
    if (!marker || (open.length === 0 && isSpokenOf(text, marker))) continue;
    markers += 1;
    if (markers > MOST_MARKERS) return NOTHING;
    if (open.length === 0) kept += text.slice(from, marker.from);
    const at = open.lastIndexOf(marker.name);
    if (!marker.closes) {
      if (!isEmpty(match)) open.push(marker.name);
    } else if (at < 0) kept = '';
    else open.length = at;
    from = marker.to;
  }
  return { text: open.length === 0 ? kept + text.slice(from) : kept, hadReasoning: markers > 0 };
}

function isUnchannelled(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at);
  return START.test(before) || (at < 40 && before.trim() === '');
}

function isSaid({ groups }: RegExpExecArray, text: string, at: number): boolean {
  if (groups?.token?.toLowerCase() === 'channel') return groups.channel?.toLowerCase() === 'final';
  return groups?.channel === undefined && isUnchannelled(text, at);
}

/** What the final channels of a text hold. */
function finalChannels(text: string): Bare {
  const said: string[] = [];
  let segments = 0;
  for (const segment of text.matchAll(SEGMENT)) {
    segments += 1;
    if (segments > MOST_MARKERS) return NOTHING;
    if (isSaid(segment, text, segment.index)) said.push(segment.groups?.content ?? '');
  }
  return { text: said.join('\n'), hadReasoning: true };
}

/** Of a text in channels (`<|channel|>analysis<|message|>...`), what stands in the final one, or in none. */
function withoutChannels(text: string): Bare {
  if (HAS_CHANNELS.test(text)) return finalChannels(text);
  const begun = FINAL_RESPONSE.exec(text);
  if (begun) return { text: text.slice(begun[0].length).replace(FINAL_RESPONSE_END, ''), hadReasoning: true };
  const final = BARE_FINAL.exec(text) ?? (SPOKEN_BEGIN.test(text) ? SPOKEN_END.exec(text) : null);
  if (final) return { text: text.slice(final.index + final[0].length), hadReasoning: true };
  if (BARE_ANALYSIS.test(text) || SPOKEN_BEGIN.test(text)) return NOTHING;
  return { text, hadReasoning: false };
}

/** Whether a text is one object of JSON and nothing else: then a tag in it is a part of some string. */
function isOneObject(text: string): boolean {
  const trimmed = text.trim();
  const json = FENCE.exec(trimmed)?.[1] ?? trimmed;
  if (!json.trimStart().startsWith('{') || isVast(json, MOST_LEVELS, MOST_COMMAS)) return false;
  try {
    return isObject(JSON.parse(json));
  } catch {
    return false;
  }
}

/** Takes a model's reasoning off what it says (contract, section 4): channels first, then tags of every usual name. */
export function withoutReasoning(text: string): Bare {
  if (isOneObject(text)) return { text, hadReasoning: false };
  if (text.length > LONGEST_HEARD) return { ...NOTHING, isEndless: true };
  const final = withoutChannels(text);
  const bare = withoutTags(final.text);
  const hadReasoning = final.hadReasoning || bare.hadReasoning;
  return { text: hadReasoning ? bare.text.trim() : text, hadReasoning };
}
