import { canonical, isObject } from '../../base/json.ts';
import type { AgentDialect, BodyFields } from './dialect.ts';

/** The value at a path of at most two names; undefined where there is none. Inherited properties don't count. */
export function valueAtPath(value: unknown, path: string): unknown {
  let current = value;
  for (const name of path.split('.')) {
    if (!isObject(current) || !Object.hasOwn(current, name)) return undefined;
    current = current[name];
  }
  return current;
}

/** Sets the value at a path of at most two names, and makes the object on the way where there is none. */
export function putAtPath(target: BodyFields, path: string, value: unknown): void {
  const [head = '', below] = path.split('.');
  if (below === undefined) {
    target[head] = value;
    return;
  }
  const inside = Object.hasOwn(target, head) ? target[head] : undefined;
  target[head] = isObject(inside) ? { ...inside, [below]: value } : { [below]: value };
}

/** Takes the value at a path away, and the object around it where that is then empty. */
export function dropAtPath(target: BodyFields, path: string): void {
  const [head = '', below] = path.split('.');
  if (below === undefined) {
    delete target[head];
    return;
  }
  const inside = target[head];
  if (!isObject(inside) || !Object.hasOwn(inside, below)) return;
  const { [below]: _dropped, ...rest } = inside;
  if (Object.keys(rest).length === 0) delete target[head];
  else target[head] = rest;
}

export function isSameValue(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other;
  return canonical(one) === canonical(other);
}

/** What a body says over what was said before. Objects in both are merged one level deep where they hold fields of ours. */
export function mergedFields(under: BodyFields, over: BodyFields, { pairs }: Pick<AgentDialect, 'pairs'>): BodyFields {
  const holdsFields = (name: string) =>
    name === 'playbook' || pairs.some(({ theirs }) => theirs.startsWith(`${name}.`));
  const merged: BodyFields = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const below = Object.hasOwn(under, name) ? under[name] : undefined;
    merged[name] = isObject(below) && isObject(value) && holdsFields(name) ? { ...below, ...value } : value;
  }
  return merged;
}
