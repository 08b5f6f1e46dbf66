import type { ContactEvent, UnifiedProfile } from '../../domain/contacts/contact.ts';
import type { Action, ActionSource } from '../../domain/runs/run.ts';
import { visible, visibleAddress } from '../../domain/text/visible.ts';
import type { Dossier } from '../../engine/review/dossier.ts';
import { SINCE_WRITTEN } from '../../engine/review/questions.ts';
import { type TableRow, table } from './layout.ts';
import type { Paint } from './terminal.ts';

const [MOST_EVENTS, MOST_ACTIONS, LONGEST_LINE, LONGEST_COLUMNS] = [10, 5, 200, 600];
/** Fields of a contact that are shown apart, or don't help a person to decide. */
const NAMED = ['id', 'email', 'firstname', 'lastname', 'company', 'created_at', 'updated_at', 'unified_profile'];
const DERIVED = ['first_seen', 'last_seen', 'event_count', 'events_7d', 'events_30d', 'last_event', 'top_pages'];

const WHOSE: Record<ActionSource, string> = { assistant: ', reasoned by the assistant', chat: ', from a chat' };

function oneLine(text: string, longest = LONGEST_LINE): string {
  const line = visible(text).replace(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

function when(iso: string): string {
  return visible(iso).slice(0, 16).replace('T', ' ');
}

/** An action's params in a few words. */
function gist(params: Record<string, unknown>): string {
  const text = [params.subject, params.body, params.message].find((value) => typeof value === 'string');
  return oneLine(String(text ?? JSON.stringify(params)));
}

function rowIf(isSo: boolean, ...row: TableRow): TableRow[] {
  return isSo ? [row] : [];
}

function contactRows(profile: UnifiedProfile): TableRow[] {
  const { id, email, firstname, lastname, company } = profile;
  const name = [firstname, lastname].filter((part) => part).join(' ');
  const who = [name, company, email ? visibleAddress(email) : '', `contact ${id}`].filter((part) => part);
  const others = Object.entries(profile).filter(
    ([key, value]) => ![...NAMED, ...DERIVED].includes(key) && value !== '' && value !== false,
  );
  const fields = others.map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [
    ['Contact', oneLine(who.join(', '))],
    ...rowIf(fields.length > 0, '', oneLine(fields.join('; '), LONGEST_COLUMNS)),
  ];
}

function eventLine({ type, name, properties, timestamp }: ContactEvent): string {
  const more = Object.keys(properties).length > 0 ? JSON.stringify(properties) : '';
  return `${when(timestamp)}  ${oneLine([type, name, more].filter((part) => part).join('  '))}`;
}

function listRow(label: string, lines: string[], total: number): TableRow[] {
  if (total === 0) return [];
  const rest = total > lines.length ? [`and ${total - lines.length} before that`] : [];
  return [[label, [...lines, ...rest].join('\n')]];
}

function backgroundRows({ action, agent, ...rest }: Dossier): TableRow[] {
  const { reasoning, profile, events, recent, rejections } = rest;
  const whose = action.source === undefined ? '' : WHOSE[action.source];
  const until = action.expires_at ? `, expires ${when(action.expires_at)}` : '';
  const done = recent.slice(0, MOST_ACTIONS).map((entry) => {
    return `${when(entry.at)}  ${entry.type} ${entry.status.replaceAll('_', ' ')}: ${gist(entry.params ?? {})}`;
  });
  const refused = rejections.slice(0, MOST_ACTIONS).map(({ at, type, params, reason }) => {
    return `${when(at)}  ${type}: ${gist(params ?? {})}${reason ? `\n    because: ${oneLine(reason)}` : ''}`;
  });
  return [
    ['Agent', `${visible(agent.name)}${whose}, proposed ${when(action.proposed_at)} UTC${until}`],
    ...contactRows(profile),
    ['Reasoning', visible(reasoning.trim() || 'none given')],
    ...listRow('Events', events.slice(0, MOST_EVENTS).map(eventLine), events.length),
    ...listRow('Actions', done, recent.length),
    ...listRow('Rejected', refused, rejections.length),
  ];
}

function attemptRows({ attempted_at, decided_by, error }: Action): TableRow[] {
  const began = attempted_at ? `begun ${when(attempted_at)} UTC` : 'begun';
  const by = decided_by ? `, approved by ${visible(decided_by)}` : '';
  return [
    ['Attempt', `${began}${by}: whether it happened is unknown`, 'yellow'],
    ...rowIf(error !== undefined, '', visible(error?.message ?? '')),
  ];
}

function standingRows({ action, against, lacks, edited, moved }: Dossier): TableRow[] {
  const { status, reason = '' } = action;
  return [
    ...(status === 'unknown' ? attemptRows(action) : []),
    ...moved.map(([label, text]): TableRow => {
      const told = `${label}: ${text}`;
      return label === SINCE_WRITTEN ? ['Changed', told, 'yellow'] : ['Changed', told];
    }),
    ...rowIf(status === 'pending_approval' && reason !== '', 'Returned', visible(reason), 'yellow'),
    ...rowIf(edited, 'Edited', 'a person changed this after it was proposed', 'yellow'),
    ...rowIf(
      against !== undefined,
      'Beware',
      `if approved now, it would only come back: ${visible(against ?? '')}`,
      'yellow',
    ),
    ...rowIf(
      lacks !== undefined,
      'Who does it',
      `not this terminal: ${visible(lacks ?? '')}. The server of your AI program does it once you approve, if it has that.`,
    ),
  ];
}

/** One action in full: what its recipient will see, what stands in its way, and what is known of the contact. */
export function dossierScreen(dossier: Dossier, place: string, width: number, paint: Paint): string {
  const title = `── ${place} ── ${dossier.action.type} `;
  const rows = dossier.lines.map(([label, text], at): TableRow => {
    if (at > 0 || label !== 'To') return [visible(label), visible(text)];
    // The engine has marked unusual letters in the recipient's address already (`visibleAddress`).
    return [label, text, 'bold'];
  });
  return [
    '',
    paint('bold', title.padEnd(width, '─')),
    '',
    table([...rows, ['', ''], ...standingRows(dossier), ...backgroundRows(dossier)], width, paint),
    '',
  ].join('\n');
}

/** What is about to happen, in one row, shown right above the code to type. */
export function recap(dossier: Dossier, label: string, width: number, paint: Paint): string {
  const [[first, to] = ['', '']] = dossier.lines;
  const where = first === 'To' ? `to ${to}` : `for contact ${visible(dossier.ref.contact_id)}`;
  return table([[label, `${dossier.action.type} ${where}: ${gist(dossier.params)}`]], width, paint);
}

/** What came of a decision, as one row. */
export function receiptRow(action: Action): TableRow {
  const { status, result, error, reason, waits } = action;
  const facts = [result?.note, result?.message_id, error && `${error.code}: ${error.message}`];
  const said = visible(facts.filter((fact) => fact).join('\n'));
  if (status === 'executed') return ['Executed', said, 'green'];
  if (status === 'failed') return ['Failed', `${said}\nsettle_action with outcome retry tries it again.`, 'red'];
  if (status === 'unknown') return ['Unknown', `${said}\nIt comes up again, so that you can settle it.`, 'yellow'];
  if (status === 'pending_approval') return ['Returned', visible(reason ?? 'it waits for a decision again'), 'yellow'];
  if (status === 'approved' && waits)
    return ['Waits', `until ${when(waits.until)} UTC: ${visible(waits.why)}`, 'yellow'];
  if (status === 'approved') return ['Approved', 'It waits for its turn, and is looked at again before it is done.'];
  if (status === 'rejected') return ['Rejected', visible(reason ?? 'without a reason')];
  return ['Decided', `${status.replaceAll('_', ' ')} ${said}`.trim()];
}
