import { SCOPES } from '../domain/base/author.ts';
import { jsonAnswer } from './answers.ts';
import type { OpenRoute } from './front.ts';

/** Where this server is described to clients that look for its issuer (RFC 9728, section 3). */
export const RESOURCE_PATH = '/.well-known/oauth-protected-resource';

/** The description, at its path and at the one for `/mcp`: clients try either. */
export function resourceRoutes(link: string, issuer: string): [string, OpenRoute][] {
  const described = (resource: string): OpenRoute => ({
    methods: ['GET', 'HEAD'],
    answer: () =>
      jsonAnswer(200, {
        resource,
        authorization_servers: [issuer],
        scopes_supported: SCOPES,
        bearer_methods_supported: ['header'],
      }),
  });
  return [
    [RESOURCE_PATH, described(link)],
    [`${RESOURCE_PATH}/mcp`, described(`${link}/mcp`)],
  ];
}
