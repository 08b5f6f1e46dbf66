import { headerProblem } from '../../actions/header.ts';
import { type ErrorDetails, invalid } from '../../domain/base/errors.ts';
import { HALF_A_CHARACTER, isHalved } from '../../domain/base/json.ts';
import { allowedHosts, urlProblem } from '../../domain/base/url.ts';
import { isAddress, wireAddress } from '../../domain/contacts/address.ts';
import { sendHoursOf } from '../../domain/mail/send-hours.ts';
import { pageProblem } from '../../domain/mail/way-out.ts';
import type { IdentityInput } from '../../domain/state/kept-change.ts';
import type { Moment } from '../base/moment.ts';

/** Addresses of a sender beside the one that emails are from. */
const ADDRESSES = ['reply_to', 'bcc', 'unsubscribe_mailto'] as const;

/** Why a page can't be a way out: where it would lead, or what it would do to a header; undefined where it can. */
function urlObjection(url: string | undefined, env: Moment['env']): string | undefined {
  if (url === undefined) return undefined;
  return headerProblem(url) ?? pageProblem(url) ?? urlProblem(url, allowedHosts(env));
}

function hoursObjection(text: string | undefined): string | undefined {
  const hours = text === undefined ? undefined : sendHoursOf(text);
  return hours && 'problem' in hours ? hours.problem : undefined;
}

/** What is wrong with an identity, by field. */
function problemsOf(args: IdentityInput, env: Moment['env']): ErrorDetails {
  const details: ErrorDetails = {};
  const note = (field: string, problem: string | undefined) => {
    if (problem !== undefined) details[field] = problem;
  };
  const { name, email, signature = '', unsubscribe_url, send_hours } = args;
  note('email', isAddress(email) ? undefined : `"${email}" isn't an email address: give one such as sam@example.com`);
  const named = headerProblem(name);
  note('name', named && `it ${named}. It stands in a header of each email`);
  note('signature', isHalved(signature) ? `it ${HALF_A_CHARACTER}. It stands below each email` : undefined);
  for (const field of ADDRESSES) {
    const address = args[field];
    if (address !== undefined && wireAddress(address) === undefined)
      note(field, `"${address}" isn't an email address: give one such as sam@example.com`);
  }
  note('unsubscribe_url', urlObjection(unsubscribe_url, env));
  note('send_hours', hoursObjection(send_hours));
  return details;
}

/**
 * An identity as it is kept: its other addresses as they go on the wire, unset what is unset.
 *
 * @throws AppError VALIDATION_ERROR with every problem by its field
 */
export function checkedIdentity(args: IdentityInput, env: Moment['env']): IdentityInput {
  const details = problemsOf(args, env);
  const problems = Object.entries(details).map(([field, problem]) => `${field}: ${problem}`);
  if (problems.length > 0) throw invalid(`The identity can't be saved. ${problems.join('; ')}.`, details);
  const addresses = ADDRESSES.map((field) => [field, args[field] && wireAddress(args[field])]);
  return { ...args, ...Object.fromEntries(addresses.filter(([, address]) => address !== undefined)) };
}
