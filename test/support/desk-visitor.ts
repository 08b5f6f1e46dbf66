// What the page sends and gets is any JSON: a test checks by its expectations what it relies on.
type Facts = ReturnType<typeof JSON.parse>;
type Answer = { status: number; json: Facts };

/** What a page of the desk does with a link: it redeems the ticket, and calls with the key that it got. */
export type Visitor = {
  key: string;
  /** What came with the key. */
  entry: Facts;
  get: (path: string) => Promise<Answer>;
  post: (path: string, body: unknown) => Promise<Answer>;
};

async function answered(response: Response): Promise<Answer> {
  return { status: response.status, json: await response.json().catch(() => undefined) };
}

/** What the fragment of a link says. */
export function fragmentIn(link: string): URLSearchParams {
  return new URLSearchParams(new URL(link).hash.slice(1));
}

/** Posts as the page at a link's origin does. */
export async function postAsPage(link: string, path: string, body: unknown, key?: string): Promise<Answer> {
  const { origin } = new URL(link);
  const headers = {
    origin,
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/json',
    ...(key === undefined ? {} : { 'x-countersign-key': key }),
  };
  return answered(await fetch(new URL(path, origin), { method: 'POST', headers, body: JSON.stringify(body) }));
}

/** Opens a link as a browser does. Gives the refusal where its ticket isn't taken. */
export async function visit(link: string): Promise<Visitor | Answer> {
  const ticket = fragmentIn(link).get('ticket');
  const { status, json } = await postAsPage(link, '/desk/ticket', { ticket });
  if (status !== 200) return { status, json };
  const { key } = json;
  return {
    key,
    entry: json,
    get: async (path) => answered(await fetch(new URL(path, link), { headers: { 'x-countersign-key': key } })),
    post: (path, body) => postAsPage(link, path, body, key),
  };
}

/** Opens a link whose ticket is good. */
export async function visited(link: string): Promise<Visitor> {
  const visitor = await visit(link);
  if (!('key' in visitor)) throw new Error(`the ticket wasn't taken: ${JSON.stringify(visitor)}`);
  return visitor;
}
