import path from 'node:path';
import { z } from 'zod';
import { invalid } from '../domain/base/errors.ts';
import type { Price } from '../domain/base/usage.ts';
import { readOwnText } from './durable.ts';

const FILE = 'prices.json';
const usd = z.number().min(0).max(1_000_000);
const contents = z.record(z.string(), z.looseObject({ input: usd, output: usd }));
const SHAPE = '{"<model>": {"input": <USD>, "output": <USD>}}, in USD per million tokens';

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalid(`${file} isn't valid JSON: ${why}. The file must hold ${SHAPE}. Correct it or move it away.`);
  }
}

/** Reads the person's prices, HOME/prices.json, by model; a missing file counts as empty. Throws an AppError. */
export function readPrices(home: string): ReadonlyMap<string, Price> {
  const file = path.join(home, FILE);
  const text = readOwnText(file);
  if (text === undefined) return new Map();
  const parsed = contents.safeParse(parse(file, text));
  if (parsed.success) return new Map(Object.entries(parsed.data));
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') || 'the whole file';
  throw invalid(`${file} isn't as it should be: ${at}: ${issue?.message}. The file must hold ${SHAPE}. Correct it.`);
}
