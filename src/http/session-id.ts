import { randomBytes } from 'node:crypto';
import { signedText, valueSigned } from '../domain/access/signed-text.ts';
import { isObject } from '../domain/base/json.ts';

/** How long a session can come back from its id, after a restart of the server or a long pause. */
const LIFE_MS = 24 * 3_600_000;
/** What a client says of its name and version is cut, so that an id always stays below 2 KB. */
const LONGEST_WORDS = 100;

/**
 * What a session id carries: whom it is of, what `initialize` said of the client, and the revision. All that is needed to
 * go on with a session that this process doesn't know.
 */
export type SessionFacts = {
  id: string;
  by: string;
  at: number;
  client: { name: string; version: string };
  capabilities: Record<string, unknown>;
  protocol: string;
};

/** The capabilities that make a difference here, without what else a client puts into them. */
function capabilitiesIn(value: unknown): Record<string, unknown> {
  const said = isObject(value) ? value : {};
  const kept: Record<string, unknown> = {};
  for (const name of ['elicitation', 'sampling', 'roots']) {
    const capability = said[name];
    if (!isObject(capability)) continue;
    kept[name] = Object.fromEntries(
      ['form', 'url'].filter((part) => isObject(capability[part])).map((part) => [part, {}]),
    );
  }
  return kept;
}

const cut = (value: unknown) => String(value ?? '').slice(0, LONGEST_WORDS);

/** The facts of a new session, by the params of its `initialize`. */
export function sessionFacts(by: string, params: unknown, now: number): SessionFacts {
  const { clientInfo, capabilities, protocolVersion }: Record<string, unknown> = isObject(params) ? params : {};
  const client: Record<string, unknown> = isObject(clientInfo) ? clientInfo : {};
  return {
    ...{ id: randomBytes(16).toString('hex'), by, at: now },
    client: { name: cut(client.name), version: cut(client.version) },
    capabilities: capabilitiesIn(capabilities),
    protocol: cut(protocolVersion),
  };
}

/** A session id, signed with the home's key: visible ASCII, as MCP asks, and at most 2 KB. */
export function mintSessionId(facts: SessionFacts, key: Buffer): string {
  return signedText('session', facts, key);
}

/** The facts in a session id; undefined where this home didn't sign it, or it is older than a day. */
export function readSessionId(text: string, key: Buffer, now: number): SessionFacts | undefined {
  const facts = valueSigned('session', text, key);
  if (!isObject(facts) || !isObject(facts.client)) return undefined;
  const { id, by, at, client, capabilities, protocol } = facts;
  if (typeof id !== 'string' || typeof by !== 'string' || typeof at !== 'number' || now - at > LIFE_MS)
    return undefined;
  return {
    ...{ id, by, at },
    client: { name: cut(client.name), version: cut(client.version) },
    capabilities: capabilitiesIn(capabilities),
    protocol: cut(protocol),
  };
}
