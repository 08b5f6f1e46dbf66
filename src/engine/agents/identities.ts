import { headerProblem } from '../../actions/header.ts';
import { smtpLack } from '../../actions/smtp-lack.ts';
import type { Agent } from '../../domain/agents/agent.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import { type Author, nameOf } from '../../domain/base/author.ts';
import { digest } from '../../domain/base/digest.ts';
import { invalid } from '../../domain/base/errors.ts';
import { isAddress } from '../../domain/contacts/address.ts';
import type { Page } from '../../domain/state/queries.ts';
import type { View } from '../../domain/state/view.ts';
import { type FormLine, laidOut, onOneLine, shortLines, shownRecipient } from '../../domain/text/form-lines.ts';
import type { House } from '../base/house.ts';
import { findIdentity } from '../base/lookup.ts';
import { type PageOf, shownPage } from '../base/paging.ts';
import type { IdentityAsShown } from '../base/shown/identity.ts';
import { agentsWithNewSender, sourceOf } from '../gate/loosening.ts';
import { demandProof, type ProofLevel, waysTo } from '../gate/proof.ts';
import { choices, type Question } from '../review/questions.ts';

export type IdentityArgs = {
  name: string;
  email: string;
  signature?: string | undefined;
  smtp_url_env?: string | undefined;
  identity_id?: string | undefined;
  /** The proof that a person wants to change who waiting actions come from. */
  via?: ProofLevel;
};

/** Agents whose waiting actions would get another sender by these arguments. */
function affected(view: View, args: IdentityArgs): Agent[] {
  if (args.identity_id === undefined) return [];
  return agentsWithNewSender(view, findIdentity(view, args.identity_id), args);
}

/** A sender as emails show it, and by which server they go. */
function senderLines(when: string, sender: Pick<IdentityArgs, 'name' | 'email' | 'signature' | 'smtp_url_env'>) {
  const { name, email, signature, smtp_url_env } = sender;
  const lines: FormLine[] = [
    [`Actions ${when}`, `${onOneLine(name)} <${shownRecipient(email)}>`],
    ['Sent by', smtp_url_env === undefined ? 'nobody: they become files in the outbox' : `SMTP (${smtp_url_env})`],
  ];
  return signature === undefined ? lines : [...lines, ['Signed', signature] satisfies FormLine];
}

/** The question before an identity is changed from which actions wait to be sent; undefined where none wait. */
export function replacementQuestion(house: House, args: IdentityArgs): Promise<Question | undefined> {
  return house.read((view) => {
    const [agent, ...others] = affected(view, args);
    if (!agent || args.identity_id === undefined) return undefined;
    const { env } = house.deps;
    for (const each of [agent, ...others])
      demandProof(each, env, REPLACING, { given: 'elicited', source: sourceOf(view, each) });
    const before = findIdentity(view, args.identity_id);
    const lines: FormLine[] = [
      ...senderLines('would come from', args),
      ...senderLines('came from until now', before),
      ...[agent, ...others].map((each): FormLine => ['Agent with actions that wait', onOneLine(each.name)]),
    ];
    const means = choices('the change is made.', 'nothing changes.');
    return {
      message: shortLines([
        'Approve another sender for actions that wait?',
        `From: ${args.name} <${args.email}>`,
        `Until now: ${before.name} <${before.email}>`,
      ]),
      text: `${laidOut(lines)}\n\n${means}`,
      binding: digest([before, args]),
      ways: waysTo('elicited', agent, env),
    };
  });
}

const REPLACING = 'Changing who waiting actions come from';

function check(args: IdentityArgs): void {
  if (!isAddress(args.email)) {
    throw invalid(`"${args.email}" isn't an email address: give one such as sam@example.com.`, {
      email: 'not an address',
    });
  }
  const problem = headerProblem(args.name);
  if (problem) throw invalid(`name ${problem}. It stands in a header of each email.`, { name: problem });
}

/** Makes an identity, or replaces the one of `identity_id` whole. */
export function saveIdentity(
  house: House,
  by: Author,
  args: IdentityArgs,
): Promise<{ identity: IdentityAsShown; warnings: string[] }> {
  check(args);
  const { identity_id, via, name, email, signature, smtp_url_env } = args;
  return house.commit(by, (view, moment) => {
    const before = identity_id === undefined ? undefined : findIdentity(view, identity_id);
    for (const agent of affected(view, args))
      demandProof(agent, house.deps.env, REPLACING, { given: via, source: sourceOf(view, agent) });
    const { at } = moment;
    const identity: Identity = {
      id: before?.id ?? moment.newId('id'),
      name,
      email,
      ...(signature === undefined ? {} : { signature }),
      ...(smtp_url_env === undefined ? {} : { smtp_url_env }),
      created_by: before?.created_by ?? nameOf(by),
      created_at: before?.created_at ?? at,
      updated_at: at,
    };
    const lack = smtpLack(identity, house.deps.env);
    const warnings = lack === undefined ? [] : [`${lack}. Until then, emails of this identity go back to review.`];
    return { events: [{ type: 'identity_saved', identity, ...(via ? { via } : {}) }], value: { identity, warnings } };
  });
}

export function listIdentities(house: House, page: Page): Promise<PageOf<IdentityAsShown>> {
  return house.read((view) => shownPage(view.find.identities(page), page, (identity) => identity));
}
