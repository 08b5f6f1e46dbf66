import path from 'node:path';
import { visible } from '../domain/text/visible.ts';
import { isThere } from '../files/client-file.ts';
import { namedServer } from '../files/serve-file.ts';
import type { UserPlace } from './places.ts';
import { servicePlace } from './service.ts';
import { type ClientState, clientStates, type OwnEntry } from './state.ts';

/** What `countersign doctor` says of the clients on this machine. */
export type ClientReport = { lines: string[]; warnings: string[] };

function entryWords({ name, home }: OwnEntry, ownHome: string): string {
  const other = home !== undefined && path.resolve(home) !== ownHome;
  return `installed as "${name}"${home === undefined ? '' : `, home ${home}${other ? ' (another one)' : ''}`}`;
}

/** A client in one line: whether it is installed, which proof it can give, whether it asks, and the switch. */
function lineOf({ client, entries }: ClientState, ownHome: string): string {
  const { id, title, drawsForms, asks, asksByRule, toggle } = client;
  const installed =
    entries.length > 0
      ? entries.map((entry) => entryWords(entry, ownHome)).join('; ')
      : `not installed (countersign install ${id})`;
  const proof = drawsForms
    ? 'your yes comes by a form (elicited)'
    : 'no forms (client): decide at the desk (countersign open) or by countersign review';
  const asking = entries.length > 0 && entries.every((entry) => entry.asksByRule) ? (asksByRule ?? asks) : asks;
  return `client ${title}: ${installed} · ${proof} · asks ${asking} · switch: ${toggle}`;
}

function warningsOf({ client, entries, problem }: ClientState): string[] {
  const gone = entries.flatMap(({ name, gone: files }) =>
    files.map(
      (file) => `${client.title} starts "${name}" by ${file}, which isn't there: countersign install ${client.id}`,
    ),
  );
  const unasked = entries
    .filter(({ asksByRule }) => client.asksByRule !== undefined && !asksByRule)
    .map(({ name, otherRules }) =>
      otherRules.length > 0
        ? `${client.title} has rules of your own where "${name}" would have it ask, and install leaves them: ${otherRules.join(', ')}`
        : `${client.title} has no rule to ask before "${name}" decides: countersign install ${client.id}`,
    );
  return [...(problem === undefined ? [] : [problem]), ...gone, ...unasked];
}

/** Whether something fires schedules while no client is open. */
function serviceLine(place: UserPlace, ownHome: string): string {
  const file = servicePlace('countersign', place);
  const server = namedServer(ownHome);
  const running = server === undefined ? 'not running for this home' : `this home is served at ${server.url}`;
  return isThere(file)
    ? `service: ${file}, ${running}`
    : `service: none, ${running}; without one, schedules fire only while a client is open (countersign install --service)`;
}

/** The clients that are found on this machine, the service, and what is wrong with them. */
export async function clientReport(place: UserPlace, ownHome: string): Promise<ClientReport> {
  const found = (await clientStates(place)).filter(({ isFound, entries }) => isFound || entries.length > 0);
  return {
    lines: [...found.map((state) => lineOf(state, path.resolve(ownHome))), serviceLine(place, ownHome)].map((line) =>
      visible(line),
    ),
    warnings: found.flatMap(warningsOf).map((warning) => visible(warning)),
  };
}
