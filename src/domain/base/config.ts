/** Where a server is: a child process, or behind a URL; `sse` is the transport of 2024-11-05. */
export type ServerPlace =
  | { command: string; args: string[]; env: Record<string, string>; cwd?: string | undefined }
  | { url: string; transport: 'http' | 'sse'; headers: Record<string, string> };

/** An MCP server, and how much patience it needs; both limits in seconds. */
export type ToolServer = ServerPlace & { startup_timeout_sec?: number; tool_timeout_sec?: number };

/** The person's own settings, in HOME/config.json. Only Countersign's own keys are read; others may stand beside. */
export type Config = {
  file: string;
  /** In the format of desktop clients. An entry that can't be used says why, and leaves the others alone. */
  mcpServers: ReadonlyMap<string, ToolServer | { problem: string }>;
  /** `server/tool` names that agents may call in a chat. */
  chatTools: readonly string[];
  /** Hosts, or host:port, that may get an API key. */
  allowHosts: readonly string[];
};
