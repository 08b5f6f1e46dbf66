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
    throw invalid(`${file} isn't valid JSON: ${why}. It holds ${SHAPE}. Correct it or move it away.`);
  }
}

/** The person's own price list, HOME/prices.json, as it is now; absent is empty. Throws AppError that names the fault. */
export function readPrices(home: string): ReadonlyMap<string, Price> {
  const file = path.join(home, FILE);
  const text = readOwnText(file);
  if (text === undefined) return new Map();
  const parsed = contents.safeParse(parse(file, text));
  if (parsed.success) return new Map(Object.entries(parsed.data));
  const [issue] = parsed.error.issues;
  const at = issue?.path.join('.') || 'the whole';
  throw invalid(`${file} isn't as it should be: ${at}: ${issue?.message}. It holds ${SHAPE}. Correct it.`);
}
