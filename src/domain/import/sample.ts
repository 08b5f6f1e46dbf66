import type { JsonSample, Sample } from './format.ts';
import { linesOf, tryJson } from './json-rows.ts';

/** How many lines of a text are read to detect its format. */
const MOST_LINES = 20;

function linesIn(text: string): JsonSample {
  const first: unknown[] = [];
  let seen = 0;
  for (const line of linesOf(text)) {
    const parsed = tryJson(line.text);
    if (parsed.ok) first.push(parsed.value);
    if (++seen >= MOST_LINES) break;
  }
  return { isLines: true, first };
}

function jsonIn(text: string, extension: string | undefined): JsonSample | undefined {
  if (extension === 'csv') return undefined;
  if (extension === 'jsonl' || extension === 'ndjson') return linesIn(text);
  if (extension !== 'json' && !/^\s*[[{]/.test(text)) return undefined;
  const whole = tryJson(text);
  if (whole.ok) return { isLines: false, first: [whole.value] };
  const first = linesOf(text).next();
  return !first.done && tryJson(first.value.text).ok ? linesIn(text) : { isLines: false, first: [] };
}

/** A text in the form that the formats' `detect` takes. */
export function sampleOf(text: string, fileName: string | undefined): Sample {
  const extension = /\.([^./\\]+)$/.exec(fileName ?? '')?.[1]?.toLowerCase();
  let read: { json: JsonSample | undefined } | undefined;
  const json = () => {
    read ??= { json: jsonIn(text, extension) };
    return read.json;
  };
  return { text, extension, json };
}
