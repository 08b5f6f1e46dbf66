// What an import is compared with: a fresh process parses the file with the same library and writes one JSON file.
// Prints the milliseconds that this takes.
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

const [source, target] = process.argv.slice(2);
const began = performance.now();
const rows = parse(readFileSync(source, 'utf8'), { columns: true, relax_column_count: true });
writeFileSync(target, JSON.stringify(rows));
process.stdout.write(String(performance.now() - began));
