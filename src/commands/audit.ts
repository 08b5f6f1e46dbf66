import { parseArgs } from 'node:util';
import { canonical } from '../domain/base/json.ts';
import { type DecisionEntry, isRedacted } from '../domain/decisions/decision.ts';
import type { DecisionTrail } from '../domain/state/decision-trail.ts';
import { csvRow } from '../domain/text/csv-row.ts';
import { recipientOf } from '../engine/gate/digest.ts';
import { dataPlace } from '../process/database.ts';
import { depsOf } from '../process/deps.ts';
import type { Settings } from '../process/environment.ts';
import { openStore } from '../process/house.ts';
import type { DecisionAudit } from '../store/store.ts';

const FORMATS = ['jsonl', 'csv'] as const;
type Format = (typeof FORMATS)[number];
type AuditOptions = { format?: Format; expected?: string };

const COLUMNS = [
  ...(['seq', 'at', 'decision', 'by', 'client', 'via', 'agent_id', 'agent_name', 'agent_version', 'run_id'] as const),
  ...(['action_index', 'type', 'digest', 'edited', 'loosened', 'contact_id', 'reason', 'redacted'] as const),
  ...(['personal_digest', 'prev', 'hash', 'recipient', 'binds', 'person', 'attempt', 'passkey', 'proof'] as const),
  'made_of',
];

/** Where a command writes: `say` to stdout, which may be slow, `tell` to stderr. `endWith` sets the exit code. */
export type Out = {
  say: (text: string) => Promise<void> | void;
  tell: (text: string) => void;
  endWith: (code: number) => void;
};

/** What the arguments ask for, or what is wrong with them. */
function wantedOf(args: readonly string[]): AuditOptions | { problem: string } {
  const options = { export: { type: 'string' }, 'expect-head': { type: 'string' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    const format = FORMATS.find((known) => known === values.export);
    if (values.export !== undefined && !format)
      return { problem: `--export takes ${FORMATS.join(' or ')}, not "${values.export}"` };
    const expected = values['expect-head'];
    return { ...(format ? { format } : {}), ...(expected === undefined ? {} : { expected }) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** What has fields of its own stands in one cell, as JSON with sorted keys. */
function asJson(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, canonical(value)]));
}

function csvOf(entry: DecisionEntry): string {
  const { attempt, passkey, proof, personal } = entry;
  const flat: Record<string, unknown> = {
    ...entry,
    ...entry.personal,
    loosened: entry.loosened?.join(' '),
    redacted: isRedacted(entry),
    ...asJson({ attempt, passkey, proof, made_of: personal?.made_of }),
  };
  return csvRow(COLUMNS.map((column) => flat[column]));
}

async function exportTo({ say }: Out, format: Format, audit: DecisionAudit): Promise<void> {
  if (format === 'csv') await say(csvRow(COLUMNS));
  for await (const entry of audit.entries()) await say(format === 'csv' ? csvOf(entry) : `${JSON.stringify(entry)}\n`);
}

function counts(of: ReadonlyMap<string, number>): string {
  return [...of].map(([name, count]) => `${name} ${count}`).join(', ');
}

/** What became of recomputing what the entries bind. */
function boundOf({ recount }: DecisionTrail): string {
  const { recomputed, erased, before } = recount.counts;
  return `bound to what was decided: ${recomputed} recomputed, ${erased} erased, ${before} from before entries were bound`;
}

/** How many signatures were verified; nothing where nobody ever signed. */
function signedLines({ counts: { signatures, entries } }: DecisionAudit['signatures']): string[] {
  return signatures === 0 ? [] : [`signed by passkeys: ${entries} of them, by ${signatures} signatures, each verified`];
}

function summaryOf(place: string, { isMade, commits, trail, signatures, head, rewritten }: DecisionAudit): string[] {
  const lines = [`home: ${place}${isMade ? '' : ' (nothing there yet)'}`];
  lines.push(`decision log: ${trail.entries} ${trail.entries === 1 ? 'entry' : 'entries'} in ${commits} commits`);
  if (trail.entries > 0) {
    lines.push(`from ${trail.first} to ${trail.last}`);
    lines.push(`decisions: ${counts(trail.kinds)}`);
    lines.push(`proof: ${counts(trail.proofs)}`);
    lines.push(`redacted: ${trail.redacted}`);
    lines.push(boundOf(trail));
    lines.push(...signedLines(signatures));
  }
  if (rewritten.lines > 0) {
    const before =
      rewritten.before > 0 ? `, ${rewritten.before} of them by the first edition, which named no lines` : '';
    lines.push(`erasures rewrote ${rewritten.lines} lines${before}`);
  }
  if (head !== undefined) lines.push(`head: ${head}`);
  if (trail.earlier > 0) {
    const since = trail.first === undefined ? 'has no entry yet' : `begins at ${trail.first}`;
    lines.push(`${trail.earlier} commit(s) decided something before the decision log was kept, which ${since}`);
  }
  return lines;
}

/**
 * Verifies the decision log and sums it up, or prints its entries. In an export, stdout gets the entries alone; faults
 * go to stderr before them. The exit code is 1 where the chain is broken.
 */
export async function audit(settings: Settings, args: readonly string[], out: Out): Promise<void> {
  const wanted = wantedOf(args);
  if ('problem' in wanted) {
    out.tell(`countersign audit: ${wanted.problem}. See countersign --help.\n`);
    return out.endWith(1);
  }
  const { format, expected } = wanted;
  const store = await openStore(settings, depsOf(settings));
  try {
    const found = await store.audit({ expectHead: expected, recipientOf });
    await tellAudit(found, format, { place: dataPlace(settings), out });
  } finally {
    await store.close();
  }
}

type AuditTold = { place: string; out: Out };

async function tellAudit(found: DecisionAudit, format: Format | undefined, { place, out }: AuditTold): Promise<void> {
  const isBroken = found.faults.length > 0;
  out.endWith(isBroken ? 1 : 0);
  const say = format ? out.tell : out.say;
  if (!format) for (const line of summaryOf(place, found)) await say(`${line}\n`);
  for (const warning of found.warnings) await say(`warning: ${warning}\n`);
  for (const fault of found.faults) await say(`fault: ${fault}\n`);
  if (isBroken) await say(`the chain is broken: ${found.faults.length} fault(s)\n`);
  if (format) await exportTo(out, format, found);
  else if (!isBroken) await say('whole\n');
}
