import { once } from 'node:events';
import os from 'node:os';
import { VERSION } from './domain/base/version.ts';
import { settingsOf } from './process/environment.ts';

const HELP = `countersign ${VERSION}: agents propose, a person countersigns.

  countersign            serve MCP over stdio (what an MCP client starts)
  countersign review     approve or reject what waits, in this terminal (--agent NAME, --run ID)
  countersign consent    lift what an address objected to, in this terminal (--source COLUMN@IMPORT)
  countersign pause      the brake: nothing is evaluated, fired or executed; a REASON may follow
  countersign resume     take the brake off, in this terminal
  countersign doctor     check Node, the home, the store and the environment
  countersign audit      verify the decision log and sum it up; exit 1 where its chain is broken
      --export jsonl|csv   print its entries instead, oldest first
      --expect-head HEAD   fail where the log no longer is the one that had this head
  countersign COMMAND --home DIR   work on the data in this folder
  countersign --version
  countersign --help

The home is COUNTERSIGN_HOME, by default the platform's data folder.
`;

/** Commands that are planned, but not in this build. */
const NOT_YET = new Map([['serve', 'Use the server over stdio: start countersign without a command.']]);

/** Commands that read their own arguments. */
const TAKES_ARGUMENTS = new Set(['audit', 'review', 'consent', 'pause', 'resume']);

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

/** The folder that `--home DIR` or `--home=DIR` names, empty where it names none, and the other words. */
function homeOf(argv: readonly string[]): { home?: string; others: string[] } {
  const at = argv.findIndex((word) => word === '--home' || word.startsWith('--home='));
  const word = argv[at];
  if (word === undefined) return { others: [...argv] };
  const isOneWord = word !== '--home';
  const home = isOneWord ? word.slice('--home='.length) : (argv[at + 1] ?? '');
  return { home, others: argv.toSpliced(at, isOneWord ? 1 : 2) };
}

/** The one entry of the executable: runs a command, or without a command the server over stdio. */
async function main(argv: readonly string[]): Promise<void> {
  const { home, others } = homeOf(argv);
  const [command, ...rest] = others;
  if (command === '--help' || command === '-h' || command === 'help') return say(HELP);
  if (command === '--version' || command === '-v') return say(`${VERSION}\n`);
  const instead = NOT_YET.get(command ?? '');
  if (instead !== undefined) return fail(`countersign ${command} isn't in this build yet. ${instead}`);
  const takesNothing = command === 'doctor' && rest.length === 0;
  if (command !== undefined && !TAKES_ARGUMENTS.has(command) && !takesNothing)
    return fail(`countersign doesn't know "${argv.join(' ')}". See countersign --help.`);
  if (home === '') return fail('--home takes a folder, as in: countersign review --home /path/to/home');
  const environment = home === undefined ? process.env : { ...process.env, COUNTERSIGN_HOME: home };
  const settings = settingsOf(environment, os.homedir());
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
  if (command === 'pause' || command === 'resume') {
    const { pauseAll, resumeAll } = await import('./commands/brake.ts');
    const run = command === 'pause' ? pauseAll : resumeAll;
    return endWith(await run(settings, rest, { say, tell: (text) => process.stderr.write(text) }));
  }
  const { serveStdioUntilEnd } = await import('./stdio.ts');
  await serveStdioUntilEnd(settings);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`countersign could not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
