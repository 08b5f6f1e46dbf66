const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `countersign needs Node 20.19 or later; this is ${process.versions.node}. Install a newer one from https://nodejs.org.\n`,
  );
  process.exit(1);
}

// Imported late, so that an older Node reads the line above and not a syntax error.
import('./cli.ts').then(
  ({ main }) => main(process.argv.slice(2)),
  (error: unknown) => {
    process.stderr.write(`countersign could not start: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
