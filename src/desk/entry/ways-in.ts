import { z } from 'zod';
import { AppError } from '../../domain/base/errors.ts';
import { LONGEST_PASSKEY_NAME } from '../../domain/decisions/passkey.ts';
import type { House } from '../../engine/base/house.ts';
import { type TicketFiles, ticketPlace } from '../../files/ticket-files.ts';
import { type HttpRefusal, jsonAnswer, plainRefusal } from '../../http/answers.ts';
import type { OpenRoute } from '../../http/front.ts';
import type { Mount } from '../../http/mount.ts';
import { publicError } from '../../mcp/result.ts';
import { checkedBody, jsonBody } from '../../rest/base/checks.ts';
import { restRefusal } from '../../rest/base/refusals.ts';
import { pageKeyFor } from './page-key.ts';

const NO_TICKET: HttpRefusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message:
    'This link was used already, or is older than a minute. Run countersign open for a new one: each link opens the desk once.',
};

const ticketBody = z.strictObject({ ticket: z.string() });
/** `passkey`: the page opens where the person adds one, with its name. It comes by the desk's button, as on any page. */
const passkeyWish = z.strictObject({ name: z.string().max(LONGEST_PASSKEY_NAME).exactOptional() });
const entryBody = z.strictObject({ at: ticketPlace.exactOptional(), passkey: passkeyWish.exactOptional() });

/** `POST /desk/ticket`: a page key in the place of a ticket, once. It is open: whoever has a ticket has no key yet. */
export function ticketRoute({ store, deps }: House, tickets: TicketFiles): OpenRoute {
  async function answer(text: string): Promise<Response | HttpRefusal> {
    const ticket = tickets.redeem(checkedBody(ticketBody, jsonBody(text)).ticket);
    if (ticket === undefined) return NO_TICKET;
    const key = pageKeyFor(ticket, await store.secret(), deps.now().getTime());
    const { kind, at, name } = ticket;
    return jsonAnswer(200, { key, kind, ...(at ? { at } : {}), ...(name === undefined ? {} : { name }) });
  }
  return {
    methods: ['POST'],
    isForPage: true,
    answer: (_request, text) => answer(text).catch((error: unknown) => restRefusal(publicError(error, deps))),
  };
}

/** `POST /desk/entry`: a ticket for whoever holds a token, who opens the desk of a team in a browser of their own. */
export function entryMount({ deps }: House, tickets: TicketFiles, link: () => string): Mount {
  return {
    holds: (path) => path === '/desk/entry',
    schemes: ['Bearer'],
    refuse: plainRefusal,
    methodsAt: (path) => (path === '/desk/entry' ? ['POST'] : undefined),
    async handle({ text, caller: { key, person, vouched } }) {
      try {
        const { at, passkey } = checkedBody(entryBody, jsonBody(text) ?? {});
        if (person.member?.scopes.length === 0)
          throw new AppError('FORBIDDEN', 'This token has no scope, so there is nothing for it at the desk.', {
            scope: 'none',
          });
        const holder = { key, person, ...(vouched ? { vouched } : {}) };
        const kind = passkey ? 'passkey' : 'desk';
        const ticket = tickets.issue({ kind, holder, ...(at ? { at } : {}), ...passkey });
        return jsonAnswer(200, { ticket, url: `${link()}/#ticket=${ticket}` });
      } catch (error) {
        return plainRefusal(restRefusal(publicError(error, deps)));
      }
    },
  };
}
