import { APPEND, ERASE_LINES, NEWS, WAS_KEPT } from './functions-1.ts';
import { LOCKED_NEWS } from './functions-2.ts';
import { TABLES } from './migration-1.ts';
import { MIGRATION_4 } from './migration-4.ts';
import { MIGRATION_5 } from './migration-5.ts';
import { OUTBOX_TABLE } from './outbox-table.ts';
import { NARROWED, PUT_ROWS } from './put-rows-1.ts';
import { TOKENS_TABLE } from './tokens-table.ts';

/** The steps from one format of the database to the next, forward only: the first makes format 1. None is ever changed. */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [TABLES, NARROWED, PUT_ROWS, NEWS, APPEND, WAS_KEPT, ERASE_LINES],
  [LOCKED_NEWS],
  [OUTBOX_TABLE, TOKENS_TABLE],
  MIGRATION_4,
  MIGRATION_5,
];

/** The format of the databases that this version writes. */
export const DATABASE_FORMAT: number = MIGRATIONS.length;
