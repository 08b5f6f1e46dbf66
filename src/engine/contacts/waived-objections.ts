import { createHash } from 'node:crypto';
import type { Author } from '../../domain/base/author.ts';
import { canonical } from '../../domain/base/json.ts';
import type { MappingArgument } from '../../domain/import/columns.ts';
import { excerpt, type RowSource } from '../../domain/import/raw-row.ts';
import type { Event } from '../../domain/state/events.ts';
import type { KeptCall } from '../../domain/state/kept-change.ts';
import type { View } from '../../domain/state/view.ts';
import { withTurns } from '../../store/turns.ts';
import { approvedBy, decidedOn, demandWant, type Want } from '../agents/wants.ts';
import type { Moment } from '../base/moment.ts';
import type { ProofLevel } from '../gate/proof.ts';

/** An import whose mapping overlooks objections: by null, or as it files their column as another field. */
export type WaivingImport = Extract<KeptCall, { tool: 'import_contacts' }>;

/** The most columns that are named. */
const MOST_NAMED = 20;

/** The digest of an import's rows and mapping: a person's yes is for exactly these. */
async function sourceOf({ batches }: RowSource, mapping: MappingArgument | undefined): Promise<string> {
  const hash = createHash('sha256').update(canonical(mapping ?? {}));
  for await (const rows of withTurns(batches())) {
    for (const { kind, cells, text, problem, shifted, address } of rows) {
      const beside = [shifted, address].filter((part) => part !== undefined);
      hash.update(`\n${JSON.stringify([kind, text, problem ?? null, cells, ...beside])}`);
    }
  }
  return hash.digest('base64url').slice(0, 22);
}

/** An import as the call that waits for a person; undefined where its mapping overlooks no objection. */
export async function waivingImport(
  source: RowSource,
  mapping: MappingArgument | undefined,
  waived: ReadonlyMap<string, number>,
): Promise<WaivingImport | undefined> {
  if (waived.size === 0) return undefined;
  return { tool: 'import_contacts', source: await sourceOf(source, mapping), objections: Object.fromEntries(waived) };
}

function rowsInWords(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

/** What is overlooked, in words: each column with the number of rows that object. */
export function overlooked(objections: Readonly<Record<string, number>>): string {
  const all = Object.entries(objections).map(([column, count]) => `${excerpt(column)} (${rowsInWords(count)})`);
  const more = all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more` : '';
  return `${all.slice(0, MOST_NAMED).join(', ')}${more}`;
}

/**
 * What of an import needs a person (contract, section 3): that objections are overlooked. Undefined where a person allowed
 * exactly this import, and it wasn't made yet.
 */
export function wantOfImport(view: View, { at }: Pick<Moment, 'at'>, call: WaivingImport): Want | undefined {
  const until = view.permits().get(call.source);
  if (until !== undefined && until > at) return undefined;
  const what = `people who object by these columns of a file are written to all the same: ${overlooked(call.objections)}`;
  return { what: [what], agents: [], grants: false };
}

/**
 * The one place that decides on such an import. It gives the events that say by whose word it is made: a decision now, or
 * the use of the yes that waited, which counts once, when `isLast` of its commits is written. FORBIDDEN without either.
 */
export function waivedBy(
  view: View,
  moment: Moment,
  call: WaivingImport | undefined,
  { by, via, isFirst, isLast }: { by: Author; via: ProofLevel | undefined; isFirst: boolean; isLast: boolean },
): Event[] {
  if (call === undefined) return [];
  const want = wantOfImport(view, moment, call);
  if (!want) return isLast ? [{ type: 'permit_used', source: call.source }] : [];
  demandWant(view, want, moment.env, via);
  return isFirst && via !== undefined ? [decidedOn(want, approvedBy(moment, via, { by, via }))] : [];
}
