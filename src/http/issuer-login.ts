import { type Member, SCOPES, type Scope } from '../domain/base/author.ts';
import { type Config, DEFAULT_PLACE } from '../domain/base/config.ts';
import { digest } from '../domain/base/digest.ts';
import { isThisMachine } from '../domain/base/url.ts';
import { visible } from '../domain/text/visible.ts';
import { createIssuer, type Issuer } from '../net/issuer.ts';
import type { Caller, Logins, Vouched } from './logins.ts';

const LONGEST_NAME = 100;

/** The issuer that the environment names; undefined where it names none. Throws Error where it names half of one. */
export function issuerIn(env: Readonly<Record<string, string | undefined>>): Issuer | undefined {
  const { COUNTERSIGN_OIDC_ISSUER: issuer, COUNTERSIGN_OIDC_AUDIENCE: audience } = env;
  if (issuer === undefined && audience === undefined) return undefined;
  if (issuer === undefined || audience === undefined)
    throw new Error('An issuer needs both COUNTERSIGN_OIDC_ISSUER and COUNTERSIGN_OIDC_AUDIENCE.');
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  const isHere = url !== undefined && isThisMachine(url);
  if (url?.protocol !== 'https:' && !(url?.protocol === 'http:' && isHere))
    throw new Error('COUNTERSIGN_OIDC_ISSUER is an https URL, as the issuer writes it itself.');
  return { issuer, audience };
}

/** What a claim lists: a text with spaces between, or an array of texts. */
function listed(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ');
  return Array.isArray(claim) ? claim.map(String) : [];
}

/** Role and team of the first group that the person's own file names; without one a member of team 1. */
function placeIn(groups: readonly string[], config: Config): Pick<Member, 'role' | 'team'> {
  for (const [name, place] of config.oidc.groups) if (groups.includes(name)) return place;
  return DEFAULT_PLACE;
}

function scopesIn(claims: Record<string, unknown>): Scope[] {
  const named = new Set([...listed(claims.scope), ...listed(claims.scp)]);
  return SCOPES.filter((scope) => named.has(scope));
}

/**
 * The login by the JWTs of an issuer. The person is the issuer and `sub`: whoever gets the same address or name later is
 * somebody else. `email` is only shown.
 */
export function issuerLogins(issuer: Issuer, config: () => Config, now: () => number): Logins {
  const verify = createIssuer(issuer, now);
  // A login for another audience, or by another issuer, is none here.
  const by = digest([issuer.issuer, issuer.audience]);
  /** A caller with the role and the team that their groups have now. */
  function callerIn(vouched: Vouched, user: string, own: Pick<Member, 'id' | 'scopes'>): Caller {
    const member: Member = { ...own, ...placeIn(vouched.groups, config()) };
    const isInForce = () => now() < vouched.until;
    return { key: digest(member), person: { user, member }, dialect: 'pathbound', isInForce, vouched };
  }

  return {
    async verify(credentials) {
      const claims = await verify(credentials);
      if (claims === undefined) return undefined;
      const { sub, exp } = claims;
      // A person is a text (RFC 7519, 4.1.2). The empty one would be everybody whose issuer says nothing of them.
      if (typeof sub !== 'string' || sub === '' || exp === undefined) return undefined;
      const named = new Set(listed(claims.groups));
      const groups = [...config().oidc.groups.keys()].filter((name) => named.has(name));
      const shown = typeof claims.email === 'string' && claims.email !== '' ? claims.email : sub;
      const own = { id: `per_${digest([issuer.issuer, sub])}`, scopes: scopesIn(claims) };
      const user = visible(shown).replace(/[()]/g, '').slice(0, LONGEST_NAME);
      return callerIn({ by, until: exp * 1_000, groups }, user, own);
    },
    again({ person: { user, member }, vouched }) {
      if (vouched?.by !== by || member === undefined || now() >= vouched.until) return undefined;
      return callerIn(vouched, user, { id: member.id, scopes: member.scopes });
    },
  };
}
