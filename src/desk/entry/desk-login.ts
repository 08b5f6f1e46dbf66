import type { Person } from '../../domain/base/author.ts';
import { canonical } from '../../domain/base/json.ts';
import { VERSION } from '../../domain/base/version.ts';
import type { House } from '../../engine/base/house.ts';
import { oneHeader, type RequestHead } from '../../http/guards.ts';
import type { Caller, Logins } from '../../http/logins.ts';
import type { OwnLogin } from '../../http/mount.ts';
import { userName } from '../../process/deps.ts';
import { type PageKey, readPageKey } from './page-key.ts';

/** The header in which the page sends its key. No browser sends it by itself, and no page of another origin may. */
const KEY_HEADER = 'x-countersign-key';

const REFUSAL = {
  status: 401,
  code: 'UNAUTHORIZED' as const,
  message: 'The desk opens with a ticket, which is good once, and for a minute. Run countersign open for a new one.',
};

/** One page that is open: who looks at it, whose author it makes, and by which ticket it was opened. */
export type DeskSession = { id: string; kind: PageKey['kind']; until: number; by: Person };

/** The desk's own login, and the page that each of its callers looks at. */
export type DeskLogin = OwnLogin & { sessionOf: (caller: Caller) => DeskSession };

/** Who looks at the page that has a key: the home's owner, or its holder with what they may do now. */
function lookerOf({ holder }: PageKey, logins: Logins): Person | undefined {
  if (holder === undefined) return { user: userName() };
  const person = logins.again(holder)?.person;
  return person?.member?.id === holder.person.member?.id ? person : undefined;
}

/**
 * The login by a page key. A holder's key counts for as long as their token does, and with its scopes, role and team of now:
 * a stream that began with others ends.
 */
export function deskLogin({ store, deps }: House, logins: Logins): DeskLogin {
  const sessions = new WeakMap<Caller, DeskSession>();
  const now = () => deps.now().getTime();
  const client = `countersign desk ${VERSION}`;

  function callerWith(key: PageKey, person: Person): Caller {
    const member = canonical(person.member ?? null);
    const isSame = () => {
      try {
        const looker = lookerOf(key, logins);
        return looker !== undefined && canonical(looker.member ?? null) === member;
      } catch {
        // Whether their login still counts can't be told, so what they have open ends. The log says why.
        return false;
      }
    };
    const caller: Caller = {
      key: `desk ${key.holder?.key ?? 'owner'}`,
      person: { ...person, client },
      dialect: 'pathbound',
      isInForce: () => now() < key.until && isSame(),
    };
    sessions.set(caller, { id: key.id, kind: key.kind, until: key.until, by: caller.person });
    return caller;
  }

  return {
    header: KEY_HEADER,
    refusal: REFUSAL,
    async find(head: RequestHead) {
      const text = oneHeader(head, KEY_HEADER);
      const key = text === undefined ? undefined : readPageKey(text, await store.secret(), now());
      const person = key && lookerOf(key, logins);
      return key && person && callerWith(key, person);
    },
    sessionOf(caller) {
      const session = sessions.get(caller);
      if (session === undefined) throw new Error('a caller of the desk came in by another login');
      return session;
    },
  };
}
