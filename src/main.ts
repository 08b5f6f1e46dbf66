import { once } from 'node:events';
import os from 'node:os';
import { asksForHelp, COMMANDS, helpOf, overview } from './commands/help.ts';
import { VERSION } from './domain/base/version.ts';
import { deskMarksOf } from './files/desk-marks.ts';
import { lateDoor } from './opening/late-door.ts';
import { databaseLack, nodeLackIn } from './process/database.ts';
import { type Settings, settingsOf, withFolders } from './process/environment.ts';

function say(text: string): void {
  process.stdout.write(text);
}

function tell(text: string): void {
  process.stderr.write(text);
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

type Command = (settings: Settings, args: readonly string[]) => Promise<void>;

/** What each command does with its arguments. What it needs is loaded once it is asked for. */
const WORK: Readonly<Record<string, Command>> = {
  async doctor(settings, args) {
    const { doctor } = await import('./commands/doctor.ts');
    endWith(await doctor(settings, args, { say, tell }));
  },
  async audit(settings, args) {
    const { audit } = await import('./commands/audit.ts');
    await audit(settings, args, { say: sayAll, tell, endWith });
  },
  async open(settings, args) {
    const { openDesk } = await import('./commands/open.ts');
    const { deskMounts } = await import('./desk/index.ts');
    endWith(await openDesk(args, { settings, output: { say, tell }, assemble: deskMounts }));
  },
  async passkey(settings, args) {
    const { managePasskeys } = await import('./commands/passkey.ts');
    const { deskMounts } = await import('./desk/index.ts');
    endWith(await managePasskeys(args, { settings, output: { say, tell }, assemble: deskMounts }));
  },
  async review(settings, args) {
    const { review } = await import('./commands/review.ts');
    endWith(await review(settings, args, tell));
  },
  async consent(settings, args) {
    const { consent } = await import('./commands/consent.ts');
    endWith(await consent(settings, args, tell));
  },
  async pause(settings, args) {
    const { pauseAll } = await import('./commands/brake.ts');
    endWith(await pauseAll(settings, args, { say, tell }));
  },
  async resume(settings, args) {
    const { resumeAll } = await import('./commands/brake.ts');
    endWith(await resumeAll(settings, args, { say, tell }));
  },
  async token(settings, args) {
    const { tokenCommand } = await import('./commands/token.ts');
    endWith(await tokenCommand(settings, args, { say, tell }));
  },
  async install(settings, args) {
    const { manageClients } = await import('./commands/install.ts');
    endWith(await manageClients('install', settings, args, { say, tell }));
  },
  async uninstall(settings, args) {
    const { manageClients } = await import('./commands/install.ts');
    endWith(await manageClients('uninstall', settings, args, { say, tell }));
  },
  async worker(settings, args) {
    const { workUntilEnd } = await import('./commands/worker.ts');
    await workUntilEnd(settings, args, tell);
  },
  async migrate(settings, args) {
    const { migrateHome } = await import('./commands/migrate.ts');
    endWith(await migrateHome(settings, args, { say, tell }));
  },
  async connect(settings, args) {
    const { connectStdio } = await import('./connect.ts');
    await connectStdio(args, settings.env);
  },
  async serve(settings, args) {
    const { serveHttp } = await import('./http/serve.ts');
    const { servedBeside } = await import('./served-beside.ts');
    const { watchPages } = await import('./opening/pages.ts');
    const { watch } = watchPages(deskMarksOf(settings.home));
    await serveHttp(settings, args, { tell, assemble: servedBeside, watch });
  },
};

/** Commands that work although the database can't: they open no store, or say what is wrong with it. */
const NEED_NO_STORE: ReadonlySet<string> = new Set(['install', 'uninstall', 'connect', 'doctor']);

/** Without a command: the server over stdio, which an MCP client starts. */
async function serveStdio(settings: Settings): Promise<void> {
  const { serveStdioUntilEnd } = await import('./stdio.ts');
  await serveStdioUntilEnd(settings, lateDoor);
}

/** What is asked to be told alone, and takes no home: a help, or the version. */
function toldOf([command, ...rest]: readonly string[]): string | undefined {
  if (command === '--version' || command === '-v') return `${VERSION}\n`;
  const isHelp = command === '--help' || command === '-h' || command === 'help';
  const named = command === 'help' ? rest[0] : asksForHelp(rest) ? command : undefined;
  return helpOf(named ?? '') ?? (isHelp ? overview(VERSION) : undefined);
}

/** The one entry of the executable: runs a command, or without a command the server over stdio. */
async function main(argv: readonly string[]): Promise<void> {
  const { home, others } = homeOf(argv);
  // A bundle passes the folders for imports as words; it is no command.
  const isBundle = others[0] === '--allow-dirs';
  const [name, ...args] = isBundle ? [] : others;
  const told = toldOf(others);
  if (told !== undefined) {
    const lack = nodeLackIn(process.env);
    if (lack !== undefined) tell(`${lack}\n`);
    return say(told);
  }
  const isKnown = name === undefined || COMMANDS.has(name);
  const command = name === undefined ? serveStdio : WORK[name];
  if (!isKnown || command === undefined)
    return fail(`countersign doesn't know "${argv.join(' ')}". See countersign --help.`);
  if (home === '') return fail('--home takes a folder, as in: countersign review --home /path/to/home');
  const given = home === undefined ? process.env : { ...process.env, COUNTERSIGN_HOME: home };
  const environment = isBundle ? withFolders(given, others.slice(1), os.homedir()) : given;
  const settings = settingsOf(environment, os.homedir());
  if ('problem' in settings) return fail(settings.problem);
  const lack = databaseLack(settings);
  if (lack !== undefined && !NEED_NO_STORE.has(name ?? '')) return fail(lack);
  if (lack !== undefined && name !== 'doctor') tell(`${lack}\n`);
  await command(settings, args);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`countersign could not start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
