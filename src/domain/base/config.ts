import type { Member } from './author.ts';

/** How an MCP server is reached: as a child process, or by a URL. `sse` is the transport of MCP revision 2024-11-05. */
export type ServerPlace =
  | { command: string; args: string[]; env: Record<string, string>; cwd?: string | undefined }
  | { url: string; transport: 'http' | 'sse'; headers: Record<string, string> };

/** An MCP server, and how long to wait for its start and for a tool's answer, both in seconds. */
export type ToolServer = ServerPlace & { startup_timeout_sec?: number; tool_timeout_sec?: number };

/**
 * Where the person wants to be told of what waits, in `notify`: a URL, the variable with the secret that signs (or, for ntfy,
 * its access token), and whether recipients and subjects are told too.
 */
export type NotifySettings = { url: string; secret_env?: string; format: 'json' | 'ntfy'; details: boolean };

/** The person's own settings, in HOME/config.json. Only the keys named here are read; the file may hold others. */
export type Config = {
  file: string;
  /** MCP servers by name, in the format of desktop clients. `problem` says why an entry can't be used. */
  mcpServers: ReadonlyMap<string, ToolServer | { problem: string }>;
  /** Tools that agents may call in a chat, each as `server/tool`. */
  chatTools: readonly string[];
  /** Hosts that an API key may be sent to, each as host or host:port. */
  allowHosts: readonly string[];
  /** `bodies`: what people write in answers is kept with the events made of them. */
  mail: { bodies: boolean };
  /** Whether the desk opens by itself, where a decision needs the person. */
  desk: 'auto' | 'off';
  /** What the groups of an issuer are here, by their names, the first one that somebody is in counts. */
  oidc: { groups: ReadonlyMap<string, Pick<Member, 'role' | 'team'>> };
  /** What all models of the home may cost in a day and in a month (UTC), in USD. */
  limits: { max_cost_usd_per_day?: number; max_cost_usd_per_month?: number };
  /** `problem` says why it can't be used; undefined where the person wants no notices. */
  notify: NotifySettings | { problem: string } | undefined;
};

/** What somebody is whom no group of the person's own makes anything else. */
export const DEFAULT_PLACE: Pick<Member, 'role' | 'team'> = { role: 'member', team: 1 };
