/** What JSON can hold. */
export type Json = null | boolean | number | string | Json[] | JsonObject;
export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key that would reach an object's prototype when assigned; refused wherever names come from outside. */
export const FORBIDDEN_KEY = '__proto__';

/** How deep a value nests, counted without recursion; stops once past `limit`. A scalar is 0. */
export function depthOf(value: unknown, limit: number): number {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= limit; depth++) {
    const next: unknown[] = [];
    let nested = false;
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      nested = true;
      for (const child of Object.values(item)) if (typeof child === 'object') next.push(child);
    }
    if (!nested) return depth;
    level = next;
  }
  return limit + 1;
}

/** JSON text with sorted keys, so that equal values have equal texts. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? 'null';
  const parts: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    if (item !== undefined) parts.push(`${JSON.stringify(key)}:${canonical(item)}`);
  }
  return `{${parts.join(',')}}`;
}
