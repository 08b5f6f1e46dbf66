import spawn from 'cross-spawn';

type Env = Readonly<Record<string, string | undefined>>;
/** A program that opens a URL, and its arguments, the URL among them. */
type Opener = { command: string; args: string[] };

/** A browser that still runs after this long is open: many stay in the foreground. */
const SETTLED_MS = 1_500;
/** Variables that hold our settings, or anybody's secrets, are nothing for a browser and what it starts. */
const PRIVATE = /^COUNTERSIGN_|(_KEY|_TOKEN|_SECRET|PASSWORD)$/i;

/** The words of a command, as a shell splits them, without anything else that a shell does. */
function commandWords(command: string): string[] {
  const found = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return found.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
}

/**
 * What `$BROWSER` names, in order: commands between colons, or on Windows semicolons. `%s` in one stands for the URL; else
 * the URL is its last argument. A program whose path has spaces may stand there as it is.
 */
function namedOpeners(browser: string, url: string, platform: NodeJS.Platform): Opener[] {
  const commands = browser.split(platform === 'win32' ? ';' : ':').filter((each) => each.trim() !== '');
  return commands.flatMap((each) => {
    const [command = '', ...words] = commandWords(each);
    const args = words.map((word) => word.replaceAll('%s', () => url).replaceAll('%%', '%'));
    const split = { command, args: each.includes('%s') ? args : [...args, url] };
    return words.length > 0 && !each.includes('%s') ? [{ command: each.trim(), args: [url] }, split] : [split];
  });
}

/** The programs that may open a URL, the person's own first. None of them is a shell: the URL is an argument as it stands. */
export function openersOf(url: string, { BROWSER }: Env, platform: NodeJS.Platform): Opener[] {
  if (BROWSER !== undefined) return namedOpeners(BROWSER, url, platform);
  if (platform === 'darwin') return [{ command: 'open', args: [url] }];
  // `start` takes its first argument in quotes for a title. cross-spawn quotes every argument.
  if (platform === 'win32') return [{ command: 'start', args: ['', url] }];
  return [{ command: 'xdg-open', args: [url] }];
}

/** Whether a program began, and didn't fail at once. It outlives this process, and shares no stream with it. */
function runs({ command, args }: Opener, env: Env): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true, windowsHide: true, env: { ...env } });
    const settled = setTimeout(() => resolve(true), SETTLED_MS);
    const end = (isOpen: boolean) => {
      clearTimeout(settled);
      resolve(isOpen);
    };
    child.once('error', () => end(false)).once('exit', (code) => end(code === 0));
    child.unref();
  });
}

/** Opens a URL in the person's browser. Gives whether one began; why one didn't is told to nobody, as it may name the URL. */
export async function openBrowser(url: string, env: Env, platform = process.platform): Promise<boolean> {
  const passed = Object.fromEntries(Object.entries(env).filter(([name]) => !PRIVATE.test(name)));
  for (const opener of openersOf(url, env, platform)) if (await runs(opener, passed)) return true;
  return false;
}
