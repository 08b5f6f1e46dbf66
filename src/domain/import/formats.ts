import { csv } from './csv.ts';
import type { ImportFormat } from './format.ts';
import { json, jsonl } from './json-rows.ts';
import { segment } from './segment.ts';

const ENTRIES = [csv, json, jsonl, segment] as const;

export type FormatName = (typeof ENTRIES)[number]['name'];

/** Every format that can be imported. The last one is asked first, so a special case of a format stands below it. */
export const IMPORT_FORMATS: readonly (ImportFormat & { name: FormatName })[] = ENTRIES;
