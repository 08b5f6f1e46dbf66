import { main } from './cli.ts';

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`countersign could not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
