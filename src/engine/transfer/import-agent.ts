import type { AgentInput, Provenance } from '../../domain/agents/agent.ts';
import { AppError } from '../../domain/base/errors.ts';
import { isObject } from '../../domain/base/json.ts';
import { isOwnFormat, readOwn, soundOwn } from '../../domain/dialects/countersign.ts';
import { dialectFor } from '../../domain/dialects/index.ts';
import { readAgent } from '../../domain/dialects/mapping/body.ts';
import type { BodyFields, NotCarried } from '../../domain/dialects/mapping/dialect.ts';
import {
  type AgentFormat,
  type AgentFormatName,
  formatNamed,
  OWN_FORMAT,
} from '../../domain/dialects/mapping/formats.ts';
import { originOf } from '../../domain/dialects/mapping/origin.ts';
import { inWordsOf, soundBody } from '../../domain/dialects/mapping/soundness.ts';
import { recognised, withinAnswer } from '../../domain/dialects/recognise.ts';
import type { House } from '../base/house.ts';

/** An agent from elsewhere, read: what `createAgent` is given for it, and what is told of it. */
export type AgentToImport = {
  format: AgentFormat;
  input: AgentInput;
  from: Provenance;
  carried: string[];
  kept: string[];
  not_carried: NotCarried[];
  warnings: string[];
};

const DRAFT = 'an imported agent is a draft: update_agent with enabled true makes it active';

/** Where the payload says that the agent was active there. */
const ACTIVE_FIELD: Readonly<Record<AgentFormat, string>> = {
  countersign: 'agent.status',
  pathbound: 'enabled',
  make: 'status',
  converra: 'status',
  talkifai: 'active',
};

function readForeign(
  format: Exclude<AgentFormat, typeof OWN_FORMAT>,
  body: unknown,
  hasIdentity: (id: string) => boolean,
): AgentToImport {
  const dialect = dialectFor(format);
  const reading = readAgent(dialect, body, 'document', { hasIdentity });
  const { fields, carried, kept, not_carried, warnings, active } = reading;
  const draft = active === true ? [{ path: ACTIVE_FIELD[format], why: DRAFT }] : [];
  return {
    format,
    input: fields,
    from: { origin: originOf(dialect, reading), imported: { version: 1, versions: [] } },
    carried,
    kept: keptPaths(kept, carried),
    not_carried: [...draft, ...not_carried],
    warnings,
  };
}

function readOur(payload: unknown, hasIdentity: (id: string) => boolean): AgentToImport {
  const { fields, origin, version, versions, carried, not_carried, warnings } = readOwn(payload, { hasIdentity });
  const kept = origin.dialect === OWN_FORMAT ? Object.keys(origin.fields).map((name) => `agent.${name}`) : [];
  return {
    format: OWN_FORMAT,
    input: fields,
    from: { origin, imported: { version, versions } },
    ...{ carried, kept, not_carried, warnings },
  };
}

/** The paths of what is kept and says nothing here. What is the default here is kept too, but it is carried as well. */
function keptPaths(kept: BodyFields, carried: readonly string[]): string[] {
  return Object.entries(kept).flatMap(([name, value]) => {
    if (carried.includes(name)) return [];
    const inside = isObject(value) ? Object.keys(value).map((below) => `${name}.${below}`) : [];
    return inside.some((path) => carried.includes(path)) ? inside.filter((path) => !carried.includes(path)) : [name];
  });
}

function sameName(ids: readonly string[], name: string): string[] {
  if (ids.length === 0) return [];
  return [
    `${ids.length === 1 ? 'Another agent is' : `${ids.length} other agents are`} named "${name}" too (${ids.slice(0, 3).join(', ')}): name agents by their id, or rename one.`,
  ];
}

/**
 * Reads a payload of `import_agent`. Nothing is changed yet.
 *
 * @throws AppError VALIDATION_ERROR where it is no agent of the format, or of none; each field at fault is in `details`
 */
export async function readForImport(
  house: House,
  { payload, format }: { payload: unknown; format: AgentFormatName | 'auto' },
): Promise<AgentToImport> {
  const isOwn = isObject(payload) && isOwnFormat(payload);
  const body = withinAnswer(isOwn ? soundOwn(payload) : soundBody(payload));
  const known = format === 'auto' ? recognised(body) : formatNamed(format);
  return house.read((view) => {
    const hasIdentity = (id: string) => view.identity(id) !== undefined;
    const read = known === OWN_FORMAT ? readOur(body, hasIdentity) : readForeign(known, body, hasIdentity);
    const { name } = read.input;
    return { ...read, warnings: [...read.warnings, ...sameName(view.agentsNamed(name), name)] };
  });
}

/** The error of an import that can't be saved, in the words of the payload's format. */
export function importError(error: unknown, format: AgentFormat): unknown {
  if (!(error instanceof AppError) || error.code !== 'VALIDATION_ERROR' || format === OWN_FORMAT) return error;
  return inWordsOf(error, dialectFor(format).pairs);
}
