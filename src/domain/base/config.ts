/** How an MCP server is reached: as a child process, or by a URL. `sse` is the transport of MCP revision 2024-11-05. */
export type ServerPlace =
  | { command: string; args: string[]; env: Record<string, string>; cwd?: string | undefined }
  | { url: string; transport: 'http' | 'sse'; headers: Record<string, string> };

/** An MCP server, and how long to wait for its start and for a tool's answer, both in seconds. */
export type ToolServer = ServerPlace & { startup_timeout_sec?: number; tool_timeout_sec?: number };

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
};
