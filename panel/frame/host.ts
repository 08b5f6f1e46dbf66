// The panel in a client's chat (MCP Apps): the client is the host of a frame, and messages to it are JSON-RPC. Whoever isn't
// the host isn't heard.

const WAYS_OF_THIS = {
  protocolVersion: '2026-01-26',
  appCapabilities: {},
  appInfo: { name: 'countersign-desk', version: '1' },
};

export type ToolResult = {
  structuredContent?: unknown;
  isError?: boolean;
  content?: { text?: string }[];
};

/** What the host says: JSON of any shape, of which each reader takes what it needs. */
export type HostSaid = ReturnType<typeof JSON.parse>;

export type Host = {
  /** Whether the host lets the panel call tools. */
  mayCall: boolean;
  theme: string;
  call: (name: string, args: unknown) => Promise<ToolResult>;
};

/** Greets the host; `heard` gets the result of the tool call that the panel is drawn for. */
export async function greetHost(heard: (result: ToolResult) => void): Promise<Host> {
  const waiting = new Map<number, (message: HostSaid) => void>();
  const post = (message: object) => parent.postMessage({ jsonrpc: '2.0', ...message }, '*');
  async function request(method: string, params: unknown): Promise<HostSaid> {
    const id = waiting.size + 1;
    const answer = new Promise<HostSaid>((resolve) => waiting.set(id, resolve));
    post({ id, method, params });
    const { result, error } = await answer;
    if (error) throw new Error(error.message);
    return result;
  }
  addEventListener('message', ({ source, data }: MessageEvent) => {
    if (source !== parent) return;
    const { id, method, params } = data;
    if (method === 'ui/notifications/tool-result') heard(params);
    else if (method && id) post({ id, result: {} });
    else waiting.get(id)?.(data);
  });
  const { hostCapabilities, hostContext } = await request('ui/initialize', WAYS_OF_THIS);
  post({ method: 'ui/notifications/initialized' });
  post({ method: 'ui/notifications/size-changed', params: { height: 640 } });
  return {
    mayCall: !!hostCapabilities?.serverTools,
    theme: hostContext?.theme ?? '',
    call: (name, args) => request('tools/call', { name, arguments: args }),
  };
}
