import path from 'node:path';
import { z } from 'zod';
import { ROLES } from '../domain/base/author.ts';
import type { Config, ServerPlace, ToolServer } from '../domain/base/config.ts';
import { invalid } from '../domain/base/errors.ts';
import { readOwnText } from './durable.ts';

const CONFIG_FILE = 'config.json';

const texts = z.record(z.string(), z.string());
const seconds = z.number().positive().max(600).exactOptional();
const entry = z.looseObject({
  command: z.string().min(1).optional(),
  args: z.array(z.string()).default([]),
  env: texts.default({}),
  cwd: z.string().min(1).optional(),
  type: z.string().optional(),
  url: z.string().optional(),
  headers: texts.default({}),
  disabled: z.boolean().default(false),
  startup_timeout_sec: seconds,
  tool_timeout_sec: seconds,
});
const group = z.object({ role: z.enum(ROLES).default('member'), team: z.int().positive().default(1) });
const notifyEntry = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: "isn't an http(s) URL" }).max(2000),
  secret_env: z
    .string()
    .regex(/^COUNTERSIGN_[A-Z0-9_]{1,80}$/, 'names a variable that starts with COUNTERSIGN_, and is not its value')
    .exactOptional(),
  format: z.enum(['json', 'ntfy']).default('json'),
  details: z.boolean().default(false),
});
const contents = z.looseObject({
  mcpServers: z.record(z.string(), z.unknown()).default({}),
  chatTools: z.array(z.string()).default([]),
  allowHosts: z.array(z.string()).default([]),
  oidc: z.looseObject({ groups: z.record(z.string(), group).default({}) }).default({ groups: {} }),
  limits: z
    .strictObject({
      max_cost_usd_per_day: z.number().positive().exactOptional(),
      max_cost_usd_per_month: z.number().positive().exactOptional(),
    })
    .default({}),
  desk: z.enum(['auto', 'off']).default('auto'),
  notify: z.unknown().optional(),
  mail: z.looseObject({ bodies: z.boolean().default(false) }).default({ bodies: false }),
});

const TYPES = new Map<string | undefined, 'http' | 'sse'>([
  [undefined, 'http'],
  ['http', 'http'],
  ['streamable-http', 'http'],
  ['streamableHttp', 'http'],
  ['sse', 'sse'],
]);

function fieldProblem(error: z.ZodError, ...at: string[]): string {
  const [issue] = error.issues;
  return `${[...at, ...(issue?.path ?? [])].join('.') || 'the whole file'}: ${issue?.message}`;
}

function remotePlace(at: string, given: z.infer<typeof entry>, url: string): ServerPlace | { problem: string } {
  const transport = TYPES.get(given.type);
  if (transport === undefined) return { problem: `${at}.type "${given.type}" isn't known: use "http" or "sse"` };
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    return { problem: `${at}.url isn't an http(s) URL` };
  const { username, password } = new URL(url);
  if (username !== '' || password !== '')
    return { problem: `${at}.url may not carry a user name or password: use headers.Authorization` };
  return { url, transport, headers: given.headers };
}

function placeOf(at: string, given: z.infer<typeof entry>): ServerPlace | { problem: string } {
  if (given.url !== undefined) return remotePlace(at, given, given.url);
  const { command, args, env, cwd } = given;
  return command === undefined ? { problem: `${at} has neither a command nor a url` } : { command, args, env, cwd };
}

function serverOf(name: string, value: unknown): ToolServer | { problem: string } {
  const at = `mcpServers.${name}`;
  const parsed = entry.safeParse(value);
  if (!parsed.success) return { problem: fieldProblem(parsed.error, at) };
  const { startup_timeout_sec, tool_timeout_sec, disabled } = parsed.data;
  if (disabled) return { problem: `${at} is disabled` };
  const place = placeOf(at, parsed.data);
  if ('problem' in place) return place;
  return {
    ...place,
    ...(startup_timeout_sec === undefined ? {} : { startup_timeout_sec }),
    ...(tool_timeout_sec === undefined ? {} : { tool_timeout_sec }),
  };
}

/** A faulty entry tells nobody of what waits, and keeps nothing else of the file from being used. */
function notifyOf(value: unknown): Config['notify'] {
  if (value === undefined || value === null) return undefined;
  const parsed = notifyEntry.safeParse(value);
  return parsed.success ? parsed.data : { problem: fieldProblem(parsed.error, 'notify') };
}

/** Where in the file a JSON error is. The error's own text isn't shown, because it may quote secrets in the file. */
function faultyLine(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const quoted = /(?:\.\.\.|, )"([\s\S]*)"(?:\.\.\.)? is not valid JSON$/.exec(message)?.[1];
  const at = Number(/at position (\d+)/.exec(message)?.[1] ?? (quoted ? text.indexOf(quoted) + quoted.length / 2 : -1));
  return at < 0 ? '' : `, near line ${text.slice(0, at).split('\n').length}`;
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(
      `${file} isn't valid JSON${faultyLine(text, error)}. Correct it (commas, quotes, no comments) or move it away; until then, nothing in it is used.`,
    );
  }
}

/** Reads HOME/config.json; a missing file counts as empty. Throws an AppError that names the file and what to do. */
export function readConfig(home: string): Config {
  const file = path.join(home, CONFIG_FILE);
  const text = readOwnText(file);
  const parsed = contents.safeParse(text === undefined ? {} : parse(file, text));
  if (!parsed.success) throw invalid(`${file} isn't as it should be: ${fieldProblem(parsed.error)}. Correct it.`);
  const { mcpServers, chatTools, allowHosts, desk, mail, oidc, limits } = parsed.data;
  const servers = Object.entries(mcpServers).map(([name, value]) => [name, serverOf(name, value)] as const);
  const groups = new Map(Object.entries(oidc.groups));
  return {
    ...{ file, mcpServers: new Map(servers), chatTools, allowHosts, desk },
    ...{ mail: { bodies: mail.bodies }, oidc: { groups }, limits },
    notify: notifyOf(parsed.data.notify),
  };
}
