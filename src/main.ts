import { once } from 'node:events';
import os from 'node:os';
import { VERSION } from './domain/base/version.ts';
import { settingsOf } from './process/environment.ts';

const HELP = `countersign ${VERSION}: agents propose, a person countersigns.

  countersign            serve MCP over stdio (what an MCP client starts)
  countersign review     approve or reject what waits, in this terminal (--agent NAME, --run ID)
  countersign consent    lift what an address objected to, in this terminal (--source COLUMN@IMPORT)
  countersign doctor     check Node, the home, the store and the environment
  countersign audit      verify the decision log and sum it up; exit 1 where its chain is broken
      --export jsonl|csv   print its entries instead, oldest first
      --expect-head HASH   fail where no entry has this hash, the head of an earlier audit
  countersign --version
  countersign --help

The home is COUNTERSIGN_HOME, by default the platform's data folder.
`;

/** Commands that are planned, but not in this build. */
const NOT_YET = new Map([['serve', 'Use the server over stdio: start countersign without a command.']]);

function say(text: string): void {
  process.stdout.write(text);
}

/** Writes text, and waits for a slow reader. Where the reader has gone, as after `| head`, the process ends quietly. */
async function sayAll(text: string): Promise<void> {
  if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => process.exit());
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function endWith(code: number): void {
  process.exitCode = code;
}

function fail(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}

/** The one entry of the executable: runs a command, or without a command the server over stdio. */
async function main(argv: readonly string[]): Promise<void> {
  const [command, ...rest] = argv;
  if (command === '--help' || command === '-h' || command === 'help') return say(HELP);
  if (command === '--version' || command === '-v') return say(`${VERSION}\n`);
  const instead = NOT_YET.get(command ?? '');
  if (instead !== undefined) return fail(`countersign ${command} isn't in this build yet. ${instead}`);
  const takesNothing = command === 'doctor' && rest.length === 0;
  if (command !== undefined && command !== 'audit' && command !== 'review' && command !== 'consent' && !takesNothing)
    return fail(`countersign doesn't know "${argv.join(' ')}". See countersign --help.`);
  const settings = settingsOf(process.env, os.homedir());
  if ('problem' in settings) return fail(settings.problem);
  if (command === 'doctor') {
    const { doctor } = await import('./commands/doctor.ts');
    process.exitCode = await doctor(settings, say);
    return;
  }
  if (command === 'audit') {
    const { audit } = await import('./commands/audit.ts');
    return audit(settings, rest, { say: sayAll, tell: (text) => process.stderr.write(text), endWith });
  }
  if (command === 'review') {
    const { review } = await import('./commands/review.ts');
    return endWith(await review(settings, rest, (text) => process.stderr.write(text)));
  }
  if (command === 'consent') {
    const { consent } = await import('./commands/consent.ts');
    return endWith(await consent(settings, rest, (text) => process.stderr.write(text)));
  }
  const { serveStdioUntilEnd } = await import('./stdio.ts');
  await serveStdioUntilEnd(settings);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`countersign could not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
