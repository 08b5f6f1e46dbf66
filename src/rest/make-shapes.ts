import { z } from 'zod';
import { notFound } from '../domain/base/errors.ts';
import { isObject } from '../domain/base/json.ts';
import { idFrom, withUuids } from '../domain/dialects/mapping/uuid.ts';
import type { HttpRefusal } from '../http/answers.ts';

/** Every endpoint of Make's takes the team in its query. */
export const teamQuery = z.strictObject({ teamId: z.int() });

/** The id of ours that a UUID in a path stands for. NOT_FOUND where it stands for none. */
export function agentIdFrom({ agentId = '' }: Readonly<Record<string, string>>): string {
  const id = idFrom(agentId, 'ag');
  if (id === undefined)
    throw notFound(`No agent has the id "${agentId.slice(0, 100)}". GET /agents lists all: their ids are UUIDs.`);
  return id;
}

/** The prefixes of what Make's API knows by a UUID: agents and threads. */
const IN_PATHS = ['ag', 'th'];

/** The body of an error. Make's codes have the status in them; `detail` names each field at fault, where there are some. */
export function makeErrorBody({ status, message, details }: HttpRefusal): z.infer<ReturnType<typeof makeError>> {
  const named = Object.entries(isObject(details) ? details : {}).filter(([, value]) => typeof value === 'string');
  const detail = named.map(([path, problem]) => `${path}: ${problem}`).join('; ');
  const [told = '', whole = ''] = [detail === '' ? message : detail, message].map((text) => withUuids(text, IN_PATHS));
  return { detail: told, message: whole, code: `SC${status}` };
}

/** The body of every error of Make's. */
export function makeError() {
  return z.strictObject({ detail: z.string(), message: z.string(), code: z.string() });
}
