import { z } from 'zod';
import { AppError, conflict, notFound } from '../../domain/base/errors.ts';
import { type Credential, type Enrolment, LONGEST_PASSKEY_NAME } from '../../domain/decisions/passkey.ts';
import { keyDigest } from '../../domain/decisions/signed-proof.ts';
import { SIGNING_DIGEST } from '../../domain/signed/claims.ts';
import {
  addPasskey,
  demandEnrolment,
  passkeysOf,
  personHandle,
  removePasskey,
  setSigning,
  signersOf,
} from '../../engine/passkeys/enrol.ts';
import { creationOptions, readCreation } from '../../passkeys/webauthn.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { acting, type DeskRoute, looking } from '../entry/desk-route.ts';
import { KEY_MS } from '../entry/page-key.ts';
import { assertionBody, type PageLooker, pageProof, passkeySite, type ToBeSigned } from './proven.ts';

const name = z.string().min(1).max(LONGEST_PASSKEY_NAME);
/** What a browser gives for a new passkey (RegistrationResponseJSON): it is read by `src/passkeys`. */
export const creationBody = z.looseObject({});

/** A page that `countersign passkey add` opened makes a first passkey within this time: the person who typed that is there. */
const ENROLMENT_MS = 15 * 60_000;

/**
 * How the person's next passkey comes: with one that is there, else by the ticket of the command, or the desk's button. Of
 * whoever came by a token this server knows no more than that somebody has the token, so theirs comes by the button.
 */
async function enrolmentOf({ house, by, session }: PageLooker): Promise<Enrolment> {
  const own = await house.read((view) => signersOf(view, by));
  if (own.length > 0) return 'passkey';
  const openFor = house.deps.now().getTime() - (session.until - KEY_MS);
  const isOwnTerminal = session.kind === 'passkey' && by.member === undefined;
  return isOwnTerminal && openFor < ENROLMENT_MS ? 'ticket' : 'button';
}

/** The passkey that the person's browser made for this page; CONFLICT where the page asked for none of late. */
export async function newPasskey(
  { creations, link }: DeskParts,
  { session }: PageLooker,
  response: unknown,
): Promise<Credential> {
  const challenge = creations.current(session);
  if (challenge === undefined) throw conflict('This page asked for no passkey in the last 10 minutes. Begin again.');
  return readCreation(response, { ...passkeySite(link()), challenge });
}

/** What is signed to add a passkey, to remove one, and to switch signing. */
export function addingSigned({ public_key }: Credential): ToBeSigned {
  return { decision: 'add_passkey', digests: [keyDigest(public_key)] };
}
export async function removalSigned({ house, by }: PageLooker, id: string): Promise<ToBeSigned> {
  const passkey = await house.read((view) => signersOf(view, by).find((own) => own.id === id));
  if (!passkey) throw notFound(`You have no passkey with the id "${id}".`);
  return { decision: 'remove_passkey', digests: [keyDigest(passkey.public_key)] };
}
export function switchSigned(on: boolean): ToBeSigned {
  return { decision: on ? 'signing_on' : 'signing_off', digests: [SIGNING_DIGEST] };
}

/** The person's passkeys: what they are, and making the first or another one. */
function enrolRoutes(parts: DeskParts): DeskRoute[] {
  return [
    looking({
      path: '/passkeys',
      scopes: [],
      query: z.strictObject({}),
      handle: ({ house, by }) => house.read((view) => passkeysOf(view, by)),
    }),
    acting({
      path: '/passkeys/options',
      scopes: ['agents:approve'],
      body: z.strictObject({ name: name.exactOptional() }),
      async handle(asked) {
        const { house, by, session } = asked;
        const how = await enrolmentOf(asked);
        const passkeys = await house.read((view) => {
          demandEnrolment(view, by, how);
          return signersOf(view, by);
        });
        const person = { handle: await personHandle(house, by), name: by.user };
        const challenge = parts.creations.begin(session);
        return { ...(await creationOptions({ ...passkeySite(parts.link()), person, challenge, passkeys })) };
      },
    }),
    acting({
      path: '/passkeys',
      scopes: ['agents:approve'],
      body: z.strictObject({
        name,
        response: creationBody,
        demand_signed: z.boolean(),
        assertion: assertionBody.exactOptional(),
      }),
      async handle({ body: { name, response, demand_signed, assertion }, ...asked }) {
        const credential = await newPasskey(parts, asked, response);
        const how = await enrolmentOf(asked);
        const proven = await pageProof(parts, asked, assertion, addingSigned(credential));
        const proof = proven.via === 'signed' ? { proof: proven.proof } : {};
        const added = await addPasskey(asked.house, asked.by, { name, credential, how, demand_signed, ...proof });
        parts.creations.end(asked.session);
        return added;
      },
    }),
  ];
}

/** Refuses to remove a passkey by a click: whoever drives the browser would make room for one of their own. */
function demandSignature(assertion: unknown): void {
  if (assertion !== undefined) return;
  throw new AppError(
    'FORBIDDEN',
    'At the desk a passkey is removed with a signature only. Where it is lost, the home’s owner removes it: `countersign passkey remove ID`, in a terminal of the machine that holds the home. Nothing was changed.',
    { needed: 'signed', given: 'human' },
  );
}

/** Passkeys, and whether whatever leaves the machine has to be signed. */
export function passkeyRoutes(parts: DeskParts): DeskRoute[] {
  return [
    ...enrolRoutes(parts),
    acting({
      path: '/passkeys/remove',
      scopes: ['agents:approve'],
      body: z.strictObject({ id: z.string(), assertion: assertionBody.exactOptional() }),
      async handle({ body: { id, assertion }, ...asked }) {
        const signing = await removalSigned(asked, id);
        demandSignature(assertion);
        const proof = await pageProof(parts, asked, assertion, signing);
        return removePasskey(asked.house, asked.by, { id, ...proof });
      },
    }),
    acting({
      path: '/signing',
      scopes: ['agents:approve'],
      body: z.strictObject({ on: z.boolean(), assertion: assertionBody.exactOptional() }),
      async handle({ body: { on, assertion }, ...asked }) {
        const proof = await pageProof(parts, asked, assertion, switchSigned(on));
        return setSigning(asked.house, asked.by, { on, ...proof });
      },
    }),
  ];
}
