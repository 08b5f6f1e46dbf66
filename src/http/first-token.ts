import { makeToken } from '../domain/access/token.ts';
import { OWNER_ID, SCOPES } from '../domain/base/author.ts';
import { userName } from '../process/deps.ts';
import type { SharedTokens } from '../store/store.ts';

/**
 * The first `serve` of a home makes a token for its owner, and shows it where a person sees it: on a terminal, and nowhere
 * else. Elsewhere it says how one is made.
 */
export async function firstToken(
  tokens: SharedTokens,
  tell: (text: string) => void,
  isTerminal = process.stderr.isTTY,
): Promise<void> {
  if ((await tokens.all()).length > 0) return;
  if (!isTerminal) {
    tell('No token exists yet, so nobody can log in. Make one: countersign token add NAME\n');
    return;
  }
  const request = { name: userName(), person: OWNER_ID, scopes: SCOPES, role: 'owner' as const, team: 1 };
  const { text, token } = makeToken(request, new Date());
  await tokens.write(token);
  tell(`Your token, shown once: ${text}\nA client sends it as "Authorization: Bearer TOKEN".\n`);
}
