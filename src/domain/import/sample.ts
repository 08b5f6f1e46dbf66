import type { JsonSample, Sample } from './format.ts';
import { isLinesOfJson, linesOf, tryJson } from './json-rows.ts';
import { type LongText, textStart, wholeText } from './long-text.ts';

/** How many lines of a text are read to detect its format. */
const MOST_LINES = 20;

function linesIn(text: LongText): JsonSample {
  const first: unknown[] = [];
  let seen = 0;
  for (const line of linesOf(text)) {
    const parsed = tryJson(line.text);
    if (parsed.ok) first.push(parsed.value);
    if (++seen >= MOST_LINES) break;
  }
  return { isLines: true, first };
}

function jsonIn(text: LongText, { beginning, extension }: Omit<Sample, 'json'>): JsonSample | undefined {
  if (extension === 'csv') return undefined;
  if (extension === 'jsonl' || extension === 'ndjson') return linesIn(text);
  if (extension !== 'json' && !/^\s*[[{]/.test(beginning)) return undefined;
  if (isLinesOfJson(text)) return linesIn(text);
  const whole = tryJson(wholeText(text));
  return { isLines: false, first: whole.ok ? [whole.value] : [] };
}

/** A text in the form that the formats' `detect` takes. */
export function sampleOf(text: LongText, fileName: string | undefined): Sample {
  const extension = /\.([^./\\]+)$/.exec(fileName ?? '')?.[1]?.toLowerCase();
  const beginning = textStart(text);
  let read: { json: JsonSample | undefined } | undefined;
  const json = () => {
    read ??= { json: jsonIn(text, { beginning, extension }) };
    return read.json;
  };
  return { beginning, extension, json };
}
