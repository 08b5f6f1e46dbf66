import path from 'node:path';
import { z } from 'zod';
import { invalid } from '../domain/base/errors.ts';
import type { AudioPrice, Price } from '../domain/base/usage.ts';
import { readOwnText } from './durable.ts';

const FILE = 'prices.json';
const usd = z.number().min(0).max(1_000_000);
const tokens = z.looseObject({ input: usd, output: usd });
const audio = z.looseObject({ per_minute: usd.exactOptional(), per_1k_characters: usd.exactOptional() });
const contents = z.record(z.string(), z.looseObject({}));
const SHAPE =
  '{"<model>": {"input": <USD>, "output": <USD>}}, in USD per million tokens, or for audio {"per_minute": <USD>, "per_1k_characters": <USD>}';

function isAudioAlone(entry: object): boolean {
  const has = (name: string) => Object.hasOwn(entry, name);
  return (has('per_minute') || has('per_1k_characters')) && !has('input') && !has('output');
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalid(`${file} isn't valid JSON: ${why}. The file must hold ${SHAPE}. Correct it or move it away.`);
  }
}

/** A value of the file by its schema; what is wrong is told by its place in the file. */
function checkedEntry<T>(schema: z.ZodType<T>, value: unknown, file: string, at: readonly string[] = []): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = [...at, ...(issue?.path ?? [])].join('.') || 'the whole file';
  throw invalid(`${file} isn't as it should be: ${place}: ${issue?.message}. The file must hold ${SHAPE}. Correct it.`);
}

type Entries = { file: string; entries: [model: string, entry: object][] };

function entriesIn(home: string): Entries {
  const file = path.join(home, FILE);
  const text = readOwnText(file);
  return { file, entries: text === undefined ? [] : Object.entries(checkedEntry(contents, parse(file, text), file)) };
}

/** Reads the person's prices, HOME/prices.json, by model; a missing file counts as empty. Throws an AppError. */
export function readPrices(home: string): ReadonlyMap<string, Price> {
  const { file, entries } = entriesIn(home);
  const ofTokens = entries.filter(([, entry]) => !isAudioAlone(entry));
  return new Map(ofTokens.map(([model, entry]) => [model, checkedEntry(tokens, entry, file, [model])]));
}

/** Reads what HOME/prices.json says of hearing and speaking, as `readPrices` reads the rest. */
export function readAudioPrices(home: string): ReadonlyMap<string, AudioPrice> {
  const { file, entries } = entriesIn(home);
  return new Map(entries.map(([model, entry]) => [model, checkedEntry(audio, entry, file, [model])]));
}
