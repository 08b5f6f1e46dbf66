import type { ToolServer } from '../../domain/base/config.ts';
import type { Deps } from '../../domain/base/deps.ts';

/** Shorter values are found in too many texts that have nothing to do with them. */
const SHORTEST = 6;
const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
const NAMES_SECRET = /key|token|secret|passw|auth|credential/i;

/** A text with every secret of a server's entry replaced by its name. */
export type Hide = (text: string) => string;

/** Puts environment variables in the place of `${NAME}`; `missing` gives what stands for one that isn't set. */
export function withVariables(text: string, env: Deps['env'], missing: (variable: string) => string): string {
  return text.replace(VARIABLE, (_whole, variable: string) => env[variable] ?? missing(variable));
}

/** `--api-key VALUE` and `--api-key=VALUE` among the arguments of a command. */
function secretArguments(args: readonly string[]): [string, string][] {
  return args.flatMap((arg, index): [string, string][] => {
    const [name = '', ...values] = arg.split('=');
    if (!name.startsWith('-') || !NAMES_SECRET.test(name)) return [];
    return [[name, values.length > 0 ? values.join('=') : (args[index + 1] ?? '')]];
  });
}

function namedValues(server: ToolServer, env: Deps['env']): [string, string][] {
  if ('command' in server) return [...Object.entries(server.env), ...secretArguments(server.args)];
  const headers = Object.entries(server.headers).flatMap(([name, value]): [string, string][] => {
    const whole = withVariables(value, env, () => '');
    // `Bearer` and `Basic` stand before what is secret.
    return [whole, ...whole.split(' ')].map((part) => [`headers.${name}`, part]);
  });
  return [...headers, ...[...new URL(server.url).searchParams].map(([name, value]): [string, string] => [name, value])];
}

/**
 * Hides what an entry of config.json holds that may be secret: all values of `env` and `headers` and of the URL's query,
 * and what looks like a secret among the arguments. Servers repeat such values in their own words.
 */
export function hidingSecrets(server: ToolServer, env: Deps['env']): Hide {
  const secrets = namedValues(server, env)
    .map(([name, value]): [string, string] => [name, value.trim()])
    .filter(([, value]) => value.length >= SHORTEST)
    .sort(([, a], [, b]) => b.length - a.length);
  return (text) => secrets.reduce((shown, [name, value]) => shown.replaceAll(value, `[${name}]`), text);
}
