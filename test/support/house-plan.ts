import fs from 'node:fs';
import path from 'node:path';

export const ROOT = new URL('../..', import.meta.url).pathname;

/** The floors, ground first: every folder, and each file that is a floor of its own. A file imports only from below. */
export const FLOORS: readonly string[] = [
  'src/providers',
  'src/domain/base',
  'src/domain/text',
  'src/domain/schema',
  'src/domain/filter',
  'src/domain/agents',
  'src/domain/templates',
  'src/domain/import/words',
  'src/domain/contacts',
  'src/domain/import',
  'src/domain/import/merging',
  'src/domain/mail/words',
  'src/domain/mail',
  'src/domain/mail/threads',
  'src/domain/runs',
  'src/domain/decisions',
  'src/domain/learning',
  'src/domain/state',
  'src/domain/signed',
  'src/domain/visibility',
  'src/domain/dialects/mapping',
  'src/domain/dialects',
  'src/domain/notices',
  'src/domain/access',
  'src/checks',
  'src/passkeys',
  'src/files',
  'src/install',
  'src/store',
  'src/store/move',
  'src/store/log',
  'src/store/documents',
  'src/store/json/log',
  'src/store/json/snapshots',
  'src/store/json/documents/people',
  'src/store/json/documents',
  'src/store/json/index',
  'src/store/json',
  'src/store/json/move',
  'src/store/postgres/connection',
  'src/store/postgres/jobs',
  'src/store/postgres/schema',
  'src/store/postgres/memory',
  'src/store/postgres/access',
  'src/store/postgres/search',
  'src/store/postgres',
  'src/store/postgres/move',
  'src/net',
  'src/net/tools',
  'src/net/mailbox',
  'src/net/desk',
  'src/net/sockets',
  'src/actions',
  'src/evaluators',
  'src/voice',
  'src/engine/base/shown',
  'src/engine/base',
  'src/engine/passkeys',
  'src/engine/gate',
  'src/engine/mail',
  'src/engine/money',
  'src/engine/learning',
  'src/engine/backtest',
  'src/engine/execution',
  'src/engine/review',
  'src/engine/runs',
  'src/engine/agents',
  'src/engine/transfer',
  'src/engine/contacts',
  'src/engine/changes',
  'src/engine/chat',
  'src/engine/history',
  'src/engine/upkeep',
  'src/mcp/forms',
  'src/mcp',
  'src/mcp/panels',
  'src/mcp/subscriptions',
  'src/mcp/prompts',
  'tools',
  'src/server.ts',
  'src/process',
  'src/stdio.ts',
  'src/connect.ts',
  'src/http',
  'src/rest/base',
  'src/rest',
  'src/desk/entry',
  'src/desk/queue',
  'src/desk/routes',
  'src/desk/screens',
  'src/desk',
  'src/served-beside.ts',
  'src/opening',
  'src/commands/review',
  'src/commands',
  'src/main.ts',
  'panel/text',
  'panel/base',
  'panel/frame',
  'panel/queue',
  'panel/shell/ways-in.ts',
  'panel/screens',
  'panel/shell',
  'panel/main.tsx',
];

export function textOf(file: string): string {
  return fs.readFileSync(path.join(ROOT, file), 'utf8');
}

/** Every file of the product, by its path from the root. */
export function sources(): string[] {
  const found = ['src', 'tools', 'panel'].flatMap((folder) =>
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => path.join(folder, name)),
  );
  return found.filter((name) => /\.tsx?$/.test(name));
}

/** The files that a file imports, by `import` or `import()`, types included. */
export function importsOf(file: string): string[] {
  const relative = [...textOf(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => match[1] ?? '');
  return relative.map((specifier) => path.normalize(path.join(path.dirname(file), specifier)));
}

/** The number of a file's floor in `FLOORS`: its own, else its folder's; -1 where it has none. */
export function floorOf(file: string): number {
  const own = FLOORS.indexOf(file);
  return own === -1 ? FLOORS.indexOf(path.dirname(file)) : own;
}

/** The circles in a graph: groups of names that lead to each other and back. */
export function circlesIn(next: ReadonlyMap<string, readonly string[]>): string[][] {
  const reach = (from: string): Set<string> => {
    const seen = new Set<string>();
    const open = [...(next.get(from) ?? [])];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      open.push(...(next.get(name) ?? []));
    }
    return seen;
  };
  const reached = new Map([...next.keys()].map((name) => [name, reach(name)]));
  const circles = new Map<string, string[]>();
  for (const [name, names] of reached) {
    if (!names.has(name)) continue;
    const circle = [...names].filter((other) => reached.get(other)?.has(name)).sort();
    circles.set(circle.join(), circle);
  }
  return [...circles.values()];
}

/** The names that a file declares at its top level, and whether it exports them. */
export function namesOf(file: string): { name: string; isExported: boolean }[] {
  const declared = /^(export )?(?:async )?(?:function\*?|const|let|class|type) ([A-Za-z0-9_$]+)/gm;
  return [...textOf(file).matchAll(declared)].map(([, given, name = '']) => ({
    name,
    isExported: given !== undefined,
  }));
}
