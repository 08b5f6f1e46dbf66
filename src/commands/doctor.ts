import os from 'node:os';
import { secretLack } from '../actions/hook.ts';
import { mailboxLack } from '../actions/mailbox-lack.ts';
import { smtpLack } from '../actions/smtp-lack.ts';
import type { Agent } from '../domain/agents/agent.ts';
import { modelAccess, modelProvider } from '../domain/agents/model-access.ts';
import type { KeyTerms } from '../domain/agents/model-key.ts';
import type { Config } from '../domain/base/config.ts';
import type { Deps } from '../domain/base/deps.ts';
import { allowedHosts } from '../domain/base/url.ts';
import { VERSION } from '../domain/base/version.ts';
import { ALL } from '../domain/state/queries.ts';
import type { View } from '../domain/state/view.ts';
import { visible } from '../domain/text/visible.ts';
import { brakeSentence } from '../engine/gate/brake.ts';
import { mailboxesIn, mailboxState } from '../engine/mail/state.ts';
import { secretNames } from '../engine/money/means.ts';
import { noticesInWords } from '../engine/upkeep/notice-state.ts';
import { refusedEventsOf } from '../files/refused-events.ts';
import { clientReport } from '../install/report.ts';
import { depsOf } from '../process/deps.ts';
import type { Settings } from '../process/environment.ts';
import { askToolServers, openStore } from '../process/house.ts';
import { MODEL_PROVIDERS } from '../providers/index.ts';
import type { Store, StoreReport } from '../store/store.ts';
import { deskLines } from './desk-lines.ts';
import { outgrown } from './outgrown.ts';

/** The most reasons that are told of live events which could not be taken. */
const MOST_REASONS = 10;
const KEYS = MODEL_PROVIDERS.flatMap(({ keys }) => keys);

function modelLack(agent: Agent, terms: KeyTerms): string | undefined {
  const provider = modelProvider(agent);
  const access = provider && modelAccess(agent, provider, terms);
  return access && 'problem' in access ? access.problem : undefined;
}

/**
 * The variables that identities and agents name, and this environment lacks. They are warnings, because a client may
 * start the server with another environment.
 */
function lacking(view: View, env: Settings['env'], keyHosts: readonly string[]): string[] {
  const identities = view.find.identities(ALL).rows.flatMap((identity) => {
    const lacks = [smtpLack(identity, env), mailboxLack(identity, env)];
    return lacks.flatMap((lack) => (lack === undefined ? [] : [`identity "${identity.name}": ${lack}`]));
  });
  const agents = view.find.agents({}, ALL).rows.flatMap((agent) => {
    const whole = view.agentFile(agent.id).versions.at(-1);
    const lacks = [
      secretLack({ agent }, env),
      whole && modelLack(whole, { env, keyHosts, secretNames: secretNames(view, whole) }),
    ];
    return lacks.flatMap((lack) => (lack === undefined ? [] : [`agent "${agent.name}": ${lack}`]));
  });
  return [...identities, ...agents];
}

/** One of the person's own files. Where it can't be read, that is a fault, and the result is undefined. */
function ownFile<T>(read: () => T, { faults }: StoreReport): T | undefined {
  try {
    return read();
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** How each mailbox stands, as the looks of any process have told it. What can't be read is a warning, too. */
async function mailboxLines(store: Store, { warnings }: StoreReport): Promise<string[]> {
  const lines: string[] = [];
  for (const found of await store.read(mailboxesIn)) {
    const { looked_at, problem } = await mailboxState(store, found);
    const name = visible(found.identity.name);
    lines.push(`mailbox of "${name}": ${looked_at === undefined ? 'not read yet' : `read at ${looked_at}`}`);
    if (problem !== undefined)
      warnings.push(visible(`the mailbox of "${found.identity.name}" can't be read: ${problem}`));
  }
  return lines;
}

/** Lists contacts as a client does first, and tells where the home is too large for that. */
async function readFirstList(store: Store, { bytes, warnings }: StoreReport): Promise<void> {
  const start = performance.now();
  await store.find.contacts({}, { limit: 1, offset: 0 });
  const warning = outgrown({ bytes, listMs: performance.now() - start });
  if (warning !== undefined) warnings.push(warning);
}

/** Opens the home as every process does. A whole log may still hold what this version doesn't understand. */
async function readThrough(store: Store, report: StoreReport): Promise<void> {
  const { faults, warnings } = report;
  try {
    await readFirstList(store, report);
    const { unknown, brake } = await store.read((view) => ({
      unknown: view.open({ statuses: ['unknown'] }).length,
      brake: view.brake(),
    }));
    if (brake.on) warnings.push(visible(`${brakeSentence(brake)}: countersign resume`));
    if (unknown > 0)
      warnings.push(
        `${unknown} action(s) have an unknown outcome: find out what happened, then use settle_action or countersign review`,
      );
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
}

/**
 * The names of the MCP servers in HOME/config.json. Nothing else of their entries is shown. Each is asked for its tools:
 * a server that gives no answer, and a tool that can't be used, are warnings.
 */
async function toolServers(config: Config | undefined, deps: Deps, { warnings }: StoreReport): Promise<string> {
  if (!config) return 'unknown';
  const { file, mcpServers } = config;
  for (const entry of mcpServers.values()) if ('problem' in entry) warnings.push(`${file}: ${entry.problem}`);
  const usable = [...mcpServers].filter(([, entry]) => !('problem' in entry)).map(([name]) => name);
  for (const [server, offer] of await askToolServers(usable, deps)) {
    if ('problem' in offer) warnings.push(visible(`the MCP server "${server}" can't be asked: ${offer.problem}`));
    else
      for (const [name, problem] of offer.unusable)
        warnings.push(visible(`the tool ${server}/${name} is unusable: ${problem}`));
  }
  return [...mcpServers.keys()].join(', ') || 'none listed, none needed';
}

/** What of live events could not be taken, the newest first, with how often each reason came. */
function refusedLines(home: string): string[] {
  const found = new Map<string, { count: number; last: string }>();
  for (const { at, token, call, count, reason } of refusedEventsOf(home).all().reverse()) {
    const what = visible(`${call} by the token "${token}": ${reason}`);
    const known = found.get(what);
    found.set(what, { count: (known?.count ?? 0) + count, last: known?.last ?? at });
  }
  return [...found]
    .slice(0, MOST_REASONS)
    .map(([what, { count, last }]) => `${count} live event(s) could not be taken, last at ${last}: ${what}`);
}

/** Checks what Countersign needs, and says the result in lines. Returns the exit code: 1 where there is a fault. */
export async function doctor(settings: Settings, say: (text: string) => void): Promise<number> {
  const deps = depsOf(settings);
  const store = openStore(settings, deps, { raises: false });
  const report = await store.check();
  if (report.faults.length === 0) await readThrough(store, report);
  const isWhole = report.faults.length === 0;
  const config = ownFile(deps.config, report);
  const prices = ownFile(deps.prices, report);
  const book = isWhole ? await store.read((view) => view.passkeys()) : undefined;
  const kept = await deskLines(settings, config, book);
  if (isWhole) kept.push(...(await mailboxLines(store, report)));
  if (isWhole && config) {
    const notices = await noticesInWords(store, deps);
    kept.push(...notices.lines.map(visible));
    report.warnings.push(...notices.warnings.map(visible));
  }
  if (isWhole) {
    const hosts = [...allowedHosts(settings.env), ...(config?.allowHosts ?? [])];
    report.warnings.push(...(await store.read((view) => lacking(view, settings.env, hosts))));
  }
  await store.close();
  report.warnings.push(...refusedLines(settings.home));
  const servers = await toolServers(config, deps, report);
  const clients = await clientReport(
    { platform: process.platform, home: os.homedir(), env: settings.env },
    settings.home,
  );
  report.warnings.push(...clients.warnings);
  say(`countersign ${VERSION} on Node ${process.versions.node}\n`);
  say(`home: ${settings.home}\n`);
  say(`store: ${report.commits} commits${isWhole ? ', whole' : ''}\n`);
  const present = KEYS.filter((name) => settings.env[name] !== undefined);
  say(`keys: ${present.length > 0 ? `${present.join(', ')} set` : 'none set, none needed'}\n`);
  say(`prices: ${prices ? `${prices.size} model(s)` : 'unknown'}\n`);
  say(`mcp servers: ${servers}\n`);
  for (const line of [...kept, ...clients.lines]) say(`${line}\n`);
  for (const warning of report.warnings) say(`warning: ${warning}\n`);
  for (const fault of report.faults) say(`fault: ${fault}\n`);
  say(report.faults.length === 0 ? 'ok\n' : `${report.faults.length} fault(s)\n`);
  return report.faults.length === 0 ? 0 : 1;
}
