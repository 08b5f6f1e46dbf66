import type { SignedStatement } from '../../domain/decisions/signed-proof.ts';
import { challengeOf } from '../../domain/decisions/signed-proof.ts';
import { createShares, type PageOfPerson } from './shares.ts';

const LIFE_MS = 10 * 60_000;
const MOST = 10_000;

type KeptPrompt = { key: string; statement: SignedStatement; until: number };

/** What pages asked a person to sign: each is for one page, good once, for ten minutes, in this process. */
export type Prompts = {
  /** Keeps a statement that a page is about to have signed; gives its challenge. */
  ask: (page: PageOfPerson, statement: SignedStatement) => string;
  /** The statement with a challenge, which the page asked for; undefined where there is none. */
  take: (challenge: string, page: PageOfPerson) => SignedStatement | undefined;
};

export function createPrompts(now: () => number): Prompts {
  const asked = createShares<KeptPrompt>(MOST);
  return {
    ask(page, statement) {
      const challenge = challengeOf(statement);
      asked.put(page, challenge, { key: page.id, statement, until: now() + LIFE_MS });
      return challenge;
    },
    take(challenge, page) {
      const found = asked.get(page, challenge);
      if (found?.key !== page.id) return undefined;
      asked.drop(page, challenge);
      return now() < found.until ? found.statement : undefined;
    },
  };
}
