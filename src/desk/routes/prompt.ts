import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { AppError, conflict, invalid } from '../../domain/base/errors.ts';
import { MOST_SIGNED } from '../../domain/decisions/signed-proof.ts';
import { BRAKE_DIGEST } from '../../domain/signed/claims.ts';
import type { House } from '../../engine/base/house.ts';
import { askedAgain } from '../../engine/changes/question.ts';
import { signersOf } from '../../engine/passkeys/enrol.ts';
import { checkedEdit } from '../../engine/review/edit.ts';
import { locate } from '../../engine/review/locate.ts';
import { requestOptions } from '../../passkeys/webauthn.ts';
import type { DeskParts } from '../entry/desk-parts.ts';
import { acting, type DeskRoute } from '../entry/desk-route.ts';
import { countedNouns } from './counted-nouns.ts';
import { addingSigned, creationBody, newPasskey, removalSigned, switchSigned } from './passkeys.ts';
import { type PageLooker, passkeySite, type ToBeSigned } from './proven.ts';
import { editedParams, refFields } from './refs.ts';

const rowBody = z.strictObject({
  ...refFields,
  digest: z.string(),
  params: editedParams.exactOptional(),
  /** A row may come as it goes to /desk/decide; what is signed has a nonce of its own. */
  nonce: z.string().exactOptional(),
});
/** Everything that can be signed at the desk. */
const SIGNED = [
  ...(['approve', 'reject', 'decline', 'sent', 'not_sent', 'retry', 'resume'] as const),
  ...(['add_passkey', 'remove_passkey', 'signing_on', 'signing_off'] as const),
] as const;

const promptBody = z.strictObject({
  decision: z.enum(SIGNED).default('approve'),
  rows: z.array(rowBody).min(1).max(MOST_SIGNED).exactOptional(),
  change_id: z.string().exactOptional(),
  /** The passkey that is to be removed. */
  id: z.string().exactOptional(),
  /** What the browser gave for a passkey that is to be added. */
  response: creationBody.exactOptional(),
});
type PromptBody = z.infer<typeof promptBody>;
type PromptRow = z.infer<typeof rowBody>;

/** What is to be signed: the decision, what it is on, and that in words. */
type ToSign = ToBeSigned & { says: string };

const VERBS: Readonly<Record<string, string>> = {
  approve: 'approve',
  reject: 'reject',
  retry: 'try again',
  sent: 'keep as sent',
  not_sent: 'keep as not sent',
};

/** What a row is signed as; CONFLICT where that isn't what the page was shown. An edit's is its own digest. */
async function rowToSign(
  house: House,
  { digest: shown, params, nonce: _, ...ref }: PromptRow,
): Promise<{ type: string; digest: string; isRepeat: boolean }> {
  const { found, digest } = params
    ? await checkedEdit(house, ref, params)
    : await house.read((view) => locate(view, ref)).then((row) => ({ found: row, digest: row.digest }));
  const { type, status } = found.action;
  if (shown !== digest && shown !== found.digest)
    throw conflict(
      `What was to be signed changed since it was shown: it is ${status.replaceAll('_', ' ')} now. Look at it again.`,
      { ...ref, status },
    );
  return { type, digest, isRepeat: status === 'unknown' || status === 'failed' };
}

async function rowsToSign(house: House, decision: string, rows: readonly PromptRow[]): Promise<ToSign> {
  const looked = [];
  for (const row of rows) looked.push(await rowToSign(house, row));
  // A yes to an attempt that was made already is a yes to another one.
  const isRepeat = decision === 'approve' && looked.length === 1 && looked[0]?.isRepeat === true;
  const signed = isRepeat ? 'retry' : decision;
  const says = `Sign: ${VERBS[signed] ?? signed} ${countedNouns(looked.map(({ type }) => type))}`;
  return { decision: signed, digests: looked.map(({ digest }) => digest), says };
}

async function changeToSign(house: House, decision: string, changeId: string): Promise<ToSign> {
  const { binding, change } = await askedAgain(house, changeId);
  const word = decision === 'approve' ? 'approve' : 'decline';
  return {
    decision: word,
    digests: [binding],
    says: `Sign: ${word === 'approve' ? 'allow' : 'decline'} ${change.what.join('; ')}`,
  };
}

/** What is signed that is about no row and no change: the brake, passkeys, signing itself. */
async function otherToSign(
  parts: DeskParts,
  asked: PageLooker,
  { decision, id, response }: PromptBody,
): Promise<ToSign | undefined> {
  if (decision === 'resume') return { decision, digests: [BRAKE_DIGEST], says: 'Sign: take the brake off' };
  if (decision === 'signing_on' || decision === 'signing_off') {
    const isOn = decision === 'signing_on';
    const says = `Sign: ${isOn ? 'have everything signed that leaves' : 'let things leave without a signature'}`;
    return { ...switchSigned(isOn), says };
  }
  if (decision === 'add_passkey' && response)
    return { ...addingSigned(await newPasskey(parts, asked, response)), says: 'Sign: add a passkey' };
  if (decision === 'remove_passkey' && id !== undefined)
    return { ...(await removalSigned(asked, id)), says: 'Sign: remove a passkey' };
  return undefined;
}

async function toSign(parts: DeskParts, asked: PageLooker, body: PromptBody): Promise<ToSign> {
  const other = await otherToSign(parts, asked, body);
  if (other) return other;
  const { decision, rows, change_id } = body;
  if (rows && change_id === undefined) return rowsToSign(asked.house, decision, rows);
  if (change_id !== undefined && !rows) return changeToSign(asked.house, decision, change_id);
  throw invalid('A prompt is for rows, for one change (change_id), or for one passkey (id, or response).', {
    rows: 'or change_id, id, response',
  });
}

/** Asks the person to sign: what their passkey is given, and what is kept of it until it answers. */
async function promptFor({ prompts, link }: DeskParts, { house, by, session }: PageLooker, signed: ToSign) {
  const own = await house.read((view) => signersOf(view, by));
  if (own.length === 0)
    throw new AppError('FORBIDDEN', 'You have no passkey, so there is nothing to sign with. Nothing was decided.', {
      passkeys: 'none',
    });
  const { decision, digests, says } = signed;
  const statement = { decision, digests: [...digests], nonce: randomBytes(16).toString('base64url') };
  const challenge = prompts.ask(session, statement);
  const options = await requestOptions(passkeySite(link()), statement, own);
  return { ...statement, challenge, says, options };
}

/** What the page has the person sign: `POST /desk/prompt`. */
export function promptRoutes(parts: DeskParts): DeskRoute[] {
  return [
    acting({
      path: '/prompt',
      scopes: ['agents:approve'],
      body: promptBody,
      handle: async ({ body, ...asked }) => promptFor(parts, asked, await toSign(parts, asked, body)),
    }),
  ];
}
