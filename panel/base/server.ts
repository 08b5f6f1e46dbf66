/** The server refused, or can't be reached (`OFFLINE`). */
export class ServerRefused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What went wrong, in words. */
export function failureText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const KEY = 'countersign-key';

export function keptKey(): string {
  return sessionStorage.getItem(KEY) ?? '';
}

export function keepKey(key: string): void {
  if (key === '') sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, key);
}

/** Fields as the query of an address; what is empty is left out. */
export function addressQuery(fields: Record<string, string | number>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== '');
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

/** The server's answer to a request with the page's key, at a path below /desk. */
export async function fetchAt(path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { 'x-countersign-key': keptKey() };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const options = { headers, cache: 'no-store' as const, credentials: 'omit' as const, redirect: 'error' as const };
  const answer = await fetch(`/desk/${path}`, { ...options, ...post }).catch(() => undefined);
  if (!answer) throw new ServerRefused('OFFLINE', 'The server can’t be reached.');
  if (answer.ok) return answer;
  const { error } = await answer.json().catch(() => ({}));
  const code = answer.status === 401 ? 'UNAUTHORIZED' : '';
  throw new ServerRefused(code, error?.message ?? `The server answered ${answer.status}.`);
}

export async function askServer<T>(path: string, body?: unknown): Promise<T> {
  return (await fetchAt(path, body)).json();
}

/** Calls `heard` for each event of the server until the stream ends. */
export async function hearEvents(path: string, heard: (name: string, data: string) => void): Promise<void> {
  const answer = await fetchAt(path);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (reader) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const [, name, data] = /^event: (.*)\ndata: (.*)/.exec(event) ?? [];
      if (name && data) heard(name, data);
    }
  }
}
