import path from 'node:path';
import { defaultHome, type Settings } from './environment.ts';

type Started = Pick<NodeJS.Process, 'execPath' | 'argv' | 'platform'>;

/** A word of a command as the platform's usual shell takes it: quoted where it holds more than plain letters. */
function shellWord(word: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./\\-]+$/.test(word) && (platform === 'win32' || !word.includes('\\'))) return word;
  return platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * What a person types into a terminal to run a command on this process's home: absolute paths of Node and of the script
 * that this process was started with, so that it works wherever the person is and whatever their PATH holds.
 * Undefined where a bundle started the process (COUNTERSIGN_BUNDLE): its Node and files are the client's own.
 */
export function terminalCommand(
  command: 'review' | 'resume' | 'open',
  { env, home }: Pick<Settings, 'env' | 'home'>,
  { execPath, argv, platform }: Started,
): string | undefined {
  const [, script] = argv;
  if (env.COUNTERSIGN_BUNDLE !== undefined || script === undefined) return undefined;
  const words = [execPath, path.resolve(script), command, ...(home === defaultHome() ? [] : ['--home', home])];
  return words.map((word) => shellWord(word, platform)).join(' ');
}
