import type { z } from 'zod';
import { isObject } from '../domain/base/json.ts';

const NUMBER = /^\s*-?\d{1,15}(\.\d{1,15})?\s*$/;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a text was meant as where another type is needed: a number, an array or an object; else the text itself. */
function meantAs(text: string, expected: string): unknown {
  if (expected === 'int' || expected === 'number') return NUMBER.test(text) ? Number(text) : text;
  const value = expected === 'array' || expected === 'object' || expected === 'record' ? parsed(text) : undefined;
  const fits = expected === 'array' ? Array.isArray(value) : isObject(value);
  return fits ? value : text;
}

/**
 * Arguments as a small model meant them: `"0"` for an integer is 0, and a JSON text for an object or array is what it
 * says. Only at the top level, and only where `error` says that another type is needed: a text that fits stays one. Where
 * nothing is meant in another way, these are the arguments themselves.
 */
export function withoutSlips(args: unknown, error: z.ZodError): unknown {
  if (!isObject(args)) return args;
  const meant = error.issues.flatMap((issue): [string, unknown][] => {
    const [name] = issue.path;
    if (issue.code !== 'invalid_type' || issue.path.length !== 1 || typeof name !== 'string') return [];
    const given = args[name];
    if (typeof given !== 'string') return [];
    const value = meantAs(given, issue.expected);
    return value === given ? [] : [[name, value]];
  });
  if (meant.length === 0) return args;
  return { ...args, ...Object.fromEntries(meant) };
}
