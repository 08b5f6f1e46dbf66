import { findActionType } from '../../actions/index.ts';
import { type Agent, effectiveProvider } from '../../domain/agents/agent.ts';
import type { Identity } from '../../domain/agents/identity.ts';
import { differences, mandateOf, type Values } from '../../domain/agents/mandate.ts';
import { type FormLine, onOneLine, shownRecipient } from '../../domain/text/form-lines.ts';
import { unaskedTypes } from '../gate/grant.ts';
import type { Granted } from './plan.ts';

/** What a setting is called by the person who decides; others are called by their path. */
const CALLED: Readonly<Record<string, string>> = {
  'approval.require_approval': 'Asks before everything',
  'approval.auto_approve': 'Does without asking',
  'approval.min_proof': 'A yes to its actions takes',
  'identity.email': 'Sender’s address',
  'identity.name': 'Sender’s name',
  'identity.signature': 'Signature',
  'identity.smtp_url_env': 'Emails are sent by the server in',
  'identity.reply_to': 'Answers go to',
  'identity.bcc': 'A copy of each email goes to',
  'identity.unsubscribe_url': 'Page to unsubscribe',
  'identity.unsubscribe_mailto': 'Address to unsubscribe',
  'identity.send_hours': 'Emails go in the hours',
  'identity.max_per_day': 'Emails a day, at most',
  'identity.gap_seconds': 'Seconds between two emails',
  'identity.imap_url_env': 'Answers are read from the mailbox in',
  'connections.webhook_url': 'Posts to web addresses go to',
  'connections.crm_sync_url': 'Changes of contacts go to',
  'connections.callback_url': 'Results of chats go to',
  'connections.secret_env': 'Posts are signed with',
  'llm_config.base_url': 'Its model is asked at',
  'voice.stt_base_url': 'Recordings are written down at',
  'voice.tts_base_url': 'Its answers are spoken at',
  'voice.realtime_base_url': 'It listens and speaks at',
  'monitoring.filter': 'For contacts that match',
  'monitoring.schedule_cron': 'When',
  'playbook.playbook_md': 'Instructions',
  'playbook.rules': 'Rules',
  identity_id: 'Sender',
};

/** The proofs as the person knows them. */
const PROOFS: Readonly<Record<string, string>> = {
  client: 'a plain call of the assistant',
  elicited: 'an answer to a form',
  human: 'a word in a terminal',
  signed: 'a signature by a passkey',
};

/** Paths whose values are addresses. */
const ADDRESSES = /\.(?:email|reply_to|bcc|unsubscribe_mailto)$/;

function textOf(path: string, value: unknown): string {
  if (path === 'approval.min_proof' && typeof value === 'string') return PROOFS[value] ?? value;
  if (typeof value === 'string')
    return value.startsWith('http') || ADDRESSES.test(path) ? shownRecipient(value) : value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ');
  return JSON.stringify(value, null, 2);
}

function calledOf(path: string): string {
  return CALLED[path] ?? path;
}

/** Values, each under what it is called. */
export function valueLines(values: Values): FormLine[] {
  return Object.entries(values).map(([path, value]): FormLine => [calledOf(path), textOf(path, value)]);
}

/** What would change, each as it would be and as it is until now. */
export function changedLines({ before, after }: { before: Values; after: Values }): FormLine[] {
  const paths = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return paths.flatMap((path): FormLine[] => {
    const [is, was] = [after[path], before[path]];
    return [
      [`${calledOf(path)} (new)`, is === undefined ? 'nothing' : textOf(path, is)],
      ['Until now', was === undefined ? 'nothing' : textOf(path, was)],
    ];
  });
}

/** Whom an agent acts on, and how many its filter finds now. */
export function whom({ monitoring: { filter } }: Agent, found: number): string {
  const all = Object.keys(filter).length === 0 ? 'every contact' : `contacts that match ${JSON.stringify(filter)}`;
  return `${all} (${found} now)`;
}

function sender(identity: Identity | undefined): FormLine[] {
  if (!identity) return [['From', 'nobody: it has no sender']];
  const { smtp_url_env: by, imap_url_env: box } = identity;
  return [
    ['From', `${onOneLine(identity.name)} <${shownRecipient(identity.email)}>`],
    ['Emails', by === undefined ? 'are written to the outbox, not sent' : `are sent by the server in ${by}`],
    ...(box === undefined ? [] : [['Answers', `are read from the mailbox in ${box}`] satisfies FormLine]),
    ...(identity.signature === undefined ? [] : [['Signature', identity.signature] satisfies FormLine]),
  ];
}

function howOften({ monitoring, limits }: Agent): string {
  const { cooldown_days: days, max_per_contact_per_week: weekly } = limits;
  return [
    `at most ${monitoring.max_contacts_per_run} contacts each time`,
    days === undefined ? undefined : `${days} days between messages to a contact`,
    weekly === undefined ? undefined : `at most ${weekly} messages a week to a contact`,
    days === undefined && weekly === undefined ? 'no limit on messages to one contact' : undefined,
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}

function when({ monitoring: { schedule_cron: cron, timezone, catch_up } }: Agent): string {
  if (cron === undefined) return 'whenever it is started';
  return `${cron} (cron, ${timezone}), and whenever it is started; ${catch_up === 'once' ? 'missed times are made up for once' : 'missed times are left out'}`;
}

function mind(agent: Agent): string {
  const provider = effectiveProvider(agent);
  if (provider === 'rules') return 'its rules, below';
  if (provider === 'assistant') return 'your assistant, by the instructions below';
  return `the model ${agent.llm_config.model ?? ''} of ${provider}, by the instructions below`;
}

/** The paths of a mandate that the lines of `ownLines` tell already. */
const TOLD: ReadonlySet<string> = new Set([
  ...['approval.require_approval', 'approval.auto_approve', 'identity_id', 'identity.name', 'identity.email'],
  ...[
    'identity.signature',
    'identity.smtp_url_env',
    'identity.imap_url_env',
    'monitoring.filter',
    'monitoring.schedule_cron',
  ],
  ...['monitoring.timezone', 'monitoring.catch_up', 'monitoring.max_contacts_per_run', 'limits.cooldown_days'],
  ...['limits.max_per_contact_per_week', 'llm_config.provider', 'llm_config.model', 'playbook.rules'],
]);

/** Everything that an agent would do without asking, in words: what, to whom, from whom, where, when, how often, by which rules. */
export function mandateLines({ agent, identity, last }: Granted, found: number): FormLine[] {
  const mandate = mandateOf(agent, identity);
  const types = unaskedTypes(agent).map((type) => findActionType(type)?.noun ?? type);
  const rest = Object.keys(mandate).filter((path) => !TOLD.has(path));
  const rules = agent.playbook.rules.map(
    (rule, index): FormLine => [`Rule ${index + 1}`, JSON.stringify(rule, null, 2)],
  );
  const lines: FormLine[] = [
    ['Agent', onOneLine(agent.name)],
    ['Does without asking you', types.join(', ')],
    ['To', onOneLine(whom(agent, found))],
    ...sender(identity),
    ['When', when(agent)],
    ['How often', howOften(agent)],
    ['Decided by', onOneLine(mind(agent))],
    ...valueLines(Object.fromEntries(rest.map((path) => [path, mandate[path]]))),
    ...rules,
  ];
  return [...lines, ...sinceLast(last, mandate)];
}

function sinceLast(last: Values | undefined, mandate: Values): FormLine[] {
  if (!last) return [['Your last yes to this agent', 'there was none']];
  const moved = changedLines(differences(last, mandate));
  if (moved.length === 0) return [['Changed since your last yes', 'nothing; the permission had ended all the same']];
  return [['Changed since your last yes', 'the following'], ...moved];
}
