import { ROLES, SCOPES } from '../domain/base/author.ts';
import { DIALECT_NAMES } from '../domain/dialects/mapping/dialect.ts';

/** A command as its help tells of it. */
type CommandHelp = {
  /** Its line in the overview; more lines follow it as they are. */
  line: string;
  more?: string;
  /** How it is typed, one way a line. */
  usage: string;
  /** What it does, in a few lines, and its options. */
  about: string;
};

/** Every command: what isn't here is none. */
export const COMMANDS: ReadonlyMap<string, CommandHelp> = new Map<string, CommandHelp>([
  [
    'install',
    {
      line: 'add it to a client: install CLIENT [--allow-dir DIR] [--name NAME] [--dry-run], install --list',
      usage: `countersign install CLIENT [--home DIR] [--allow-dir DIR ...] [--name NAME] [--dry-run]
countersign install --list
countersign install --service [--home DIR] [--port N] [--name NAME] [--dry-run]`,
      about: `Adds this server to a client's own settings, and keeps a backup of them beside. Twice is once.
  --allow-dir DIR   a folder that imports may read; may be given again
  --name NAME       the server's name there, for a second home
  --dry-run         show the difference, and change nothing
  --list            the clients that are known, and which of them are here
  --service         serve the home whenever you are logged in, so that schedules fire while no client is open`,
    },
  ],
  [
    'uninstall',
    {
      line: 'take it out again: uninstall CLIENT [--name NAME] [--dry-run]',
      usage: `countersign uninstall CLIENT [--name NAME] [--dry-run]
countersign uninstall --service [--name NAME] [--dry-run]`,
      about: `Takes this server out of a client's settings, and leaves all else there as it is.
  --service   stop what install --service started, and remove its file`,
    },
  ],
  [
    'serve',
    {
      line: 'serve MCP and REST over HTTP (--port 7878, --host 127.0.0.1, --public-url URL, --trust-proxy)',
      usage: 'countersign serve [--port N] [--host ADDRESS] [--public-url URL] [--trust-proxy]',
      about: `Serves the home over HTTP until it is told to end: MCP at /mcp, REST as /openapi.json describes it.
  --port N           the port, 7878 without it; 0 takes any free one
  --host ADDRESS     an IP address of this machine, or localhost; 0.0.0.0 is all of them, and takes a token first
  --public-url URL   the address that people use, where a proxy stands in front
  --trust-proxy      take the client's address, for limits alone, from the proxy's X-Forwarded-For`,
    },
  ],
  [
    'connect',
    {
      line: 'speak MCP over stdio here with a home that is served at a URL, by COUNTERSIGN_TOKEN',
      usage: 'countersign connect URL',
      about: `Speaks MCP on stdin and stdout, for a client that knows no other way, and passes everything on to the home that is
served at the URL. The token stands in the variable COUNTERSIGN_TOKEN, never in an argument.`,
    },
  ],
  [
    'token',
    {
      line: 'who may log in there: token add NAME, token list, token revoke ID',
      usage: `countersign token add NAME [--scopes a,b] [--role ${ROLES.join('|')}] [--team N] [--days N] [--dialect ${DIALECT_NAMES.join('|')}]
countersign token list
countersign token revoke ID`,
      about: `Makes, lists and ends the tokens by which people and programs log in to countersign serve. A token is shown once: it
alone goes to stdout.
  --scopes a,b   what it allows, of ${SCOPES.join(', ')}; without it the first three
  --role ROLE    what its holder sees and changes in the team; member without it
  --team N       the team; 1 without it
  --days N       for how long; without it until it is revoked
  --dialect D    whose API it finds at the bare /v1; pathbound without it`,
    },
  ],
  [
    'open',
    {
      line: 'decide on what waits, at the desk: a page in your browser (--print its link; a URL for a home elsewhere)',
      usage: 'countersign open [--print]\ncountersign open URL [--print]',
      about: `Opens the desk in your browser, by $BROWSER or what the platform opens links with. Where nothing serves the home, it
serves the desk itself, until 15 minutes after the last page. With a URL it opens the desk of the home that is served there, for
whoever's token stands in COUNTERSIGN_TOKEN.
  --print   print the link instead, in a terminal; it is good once, for a minute`,
    },
  ],
  [
    'passkey',
    {
      line: 'your passkeys, in this terminal: passkey add [NAME], passkey list, passkey remove ID',
      usage: 'countersign passkey add [URL] [NAME] [--print]\ncountersign passkey list\ncountersign passkey remove ID',
      about: `Adds, lists and removes the passkeys with which you sign decisions at the desk. To add one opens the desk, where your
device makes it. None is removed by hand while something has to be signed. The list has those of the others of a team, too: where
one is lost, you remove it. With the URL of a home that is served elsewhere it is a passkey of yours there, as whoever's token
stands in COUNTERSIGN_TOKEN.
  --print   print the link instead of opening a browser`,
    },
  ],
  [
    'review',
    {
      line: 'approve or reject what waits, in this terminal (--agent NAME, --run ID)',
      usage: 'countersign review [--agent NAME_OR_ID] [--run RUN_ID]',
      about: 'Shows what waits for a person, one action at a time, and takes your decision on each.',
    },
  ],
  [
    'consent',
    {
      line: 'lift what an address objected to, in this terminal (--source COLUMN@IMPORT)',
      usage: 'countersign consent ADDRESS [--source COLUMN@IMPORT]\ncountersign consent --source COLUMN@IMPORT',
      about: `Lifts what an address objected to, on every contact that has it. You type a code, and the decision log keeps it.
  --source COLUMN@IMPORT   only what this column of this import has set`,
    },
  ],
  [
    'pause',
    {
      line: 'the brake: nothing is evaluated, fired or executed; a REASON may follow',
      usage: 'countersign pause [REASON]',
      about: 'Puts the brake on: from then on nothing is evaluated, fired or executed, by any process of the home.',
    },
  ],
  [
    'resume',
    {
      line: 'take the brake off, in this terminal',
      usage: 'countersign resume',
      about: 'Shows what would go on, and takes the brake off once you typed a code.',
    },
  ],
  [
    'worker',
    {
      line: 'evaluate and execute, and answer nobody; there may be several, on several machines',
      usage: 'countersign worker',
      about: `Works on the home until it is told to end: takes up runs that wait or that a process left, fires schedules, reads
mailboxes, executes what is approved. It says "worker ID ready" on stderr.`,
    },
  ],
  [
    'migrate',
    {
      line: 'move the home into a database, or out of one: migrate --to postgres://..., migrate --to DIR',
      usage: 'countersign migrate --to postgres://USER:PASSWORD@HOST/DATABASE\ncountersign migrate --to DIR',
      about: `Moves the home, its log byte for byte: into an empty database, or out of the database of COUNTERSIGN_DATABASE_URL into a
new folder. From then on nothing is written to the place it came from. Ended at any moment, the same command goes on.
  --to   the database, whose schema is made as COUNTERSIGN_DATABASE_OWNER_URL where that is set; or the folder`,
    },
  ],
  [
    'doctor',
    {
      line: 'check Node, the home, the store and the environment',
      usage: 'countersign doctor [--init | --restored]',
      about: `Checks Node, the home, the store, keys (never their values), mailboxes and tool servers. Exit 1 for faults.
  --init   first make the schema in the database that COUNTERSIGN_DATABASE_URL names, or bring it forward, as the role of
           COUNTERSIGN_DATABASE_OWNER_URL where that is set
  --restored   first say that the data was restored from a backup: the brake goes on, and everything that is open is handed to
           you, because it may have been done since`,
    },
  ],
  [
    'audit',
    {
      line: 'verify the decision log and sum it up; exit 1 where its chain is broken',
      more: `      --export jsonl|csv   print its entries instead, oldest first
      --expect-head HEAD   fail where the log no longer is the one that had this head`,
      usage: 'countersign audit [--export jsonl|csv] [--expect-head HEAD]',
      about: `Verifies the log, and that what was decided still equals what its entry binds. Exit 1 where it doesn't.
  --export jsonl|csv   print the entries instead, oldest first
  --expect-head HEAD   fail where the log no longer is the one that had this head`,
    },
  ],
]);

const HOME = `  --home DIR   work on the data in this folder, instead of COUNTERSIGN_HOME or the platform's data folder`;

/** What `countersign COMMAND --help` prints; undefined for what is no command. */
export function helpOf(command: string): string | undefined {
  const help = COMMANDS.get(command);
  return help && `${help.usage}\n\n${help.about}\n\n${HOME}\n`;
}

/** How a command is typed. */
export function howToType(command: string): string {
  return COMMANDS.get(command)?.usage ?? `countersign ${command}`;
}

/** What `countersign --help` prints. */
export function overview(version: string): string {
  const lines = [...COMMANDS].flatMap(([name, { line, more }]) => [
    `  countersign ${name.padEnd(10)} ${line}`,
    ...(more === undefined ? [] : [more]),
  ]);
  return `countersign ${version}: agents propose, a person countersigns.

  countersign            serve MCP over stdio (what an MCP client starts)
${lines.join('\n')}
  countersign COMMAND --help       how a command is used
  countersign COMMAND --home DIR   work on the data in this folder
  countersign --version
  countersign --help

The home is COUNTERSIGN_HOME, by default the platform's data folder.
`;
}

/** Whether the words after a command ask for its help. What stands behind `--` is no option. */
export function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end === -1 ? words.length : end).some((word) => word === '--help' || word === '-h');
}
