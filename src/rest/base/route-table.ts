import { invalid } from '../../domain/base/errors.ts';

/** The values of a pattern's names in a path; undefined where the path is another one. */
function paramsIn(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const given = parts[at] ?? '';
    if (!part.startsWith(':')) {
      if (part !== given) return undefined;
    } else if (given === '') return undefined;
    else params[part.slice(1)] = given;
  }
  return params;
}

/** The parts of a path that vary, percent-decoded; VALIDATION_ERROR where they are no UTF-8. */
export function decodedParts(params: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(params).map(([name, text]) => [name, decodeURIComponent(text)]));
  } catch {
    throw invalid('A part of the path is no UTF-8, percent-encoded.', { path: 'no UTF-8' });
  }
}

/** The routes of a mount by their paths. A path with fewer parts that vary wins over one with more. */
export function routeTable<R extends { method: string; path: string }>(routes: readonly R[]) {
  const patterns = new Map<string, { parts: string[]; byMethod: Map<string, R> }>();
  for (const route of routes) {
    const known = patterns.get(route.path) ?? { parts: route.path.split('/').slice(1), byMethod: new Map() };
    patterns.set(route.path, known);
    known.byMethod.set(route.method, route);
  }
  const varying = (parts: readonly string[]) => parts.filter((part) => part.startsWith(':')).length;
  const sorted = [...patterns.values()].sort((a, b) => varying(a.parts) - varying(b.parts));
  return (below: string) => {
    const parts = below.split('/').slice(1);
    for (const pattern of sorted) {
      const params = paramsIn(pattern.parts, parts);
      if (params) return { byMethod: pattern.byMethod, params };
    }
    return undefined;
  };
}
