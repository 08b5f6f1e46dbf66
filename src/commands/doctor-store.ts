import { secretLack } from '../actions/hook.ts';
import { mailboxLack } from '../actions/mailbox-lack.ts';
import { smtpLack } from '../actions/smtp-lack.ts';
import type { Agent } from '../domain/agents/agent.ts';
import { modelAccess, modelProvider } from '../domain/agents/model-access.ts';
import type { KeyTerms } from '../domain/agents/model-key.ts';
import type { Config } from '../domain/base/config.ts';
import type { Deps } from '../domain/base/deps.ts';
import { AppError } from '../domain/base/errors.ts';
import { allowedHosts } from '../domain/base/url.ts';
import type { PasskeyBook } from '../domain/decisions/passkey.ts';
import { ALL } from '../domain/state/queries.ts';
import type { View } from '../domain/state/view.ts';
import { visible } from '../domain/text/visible.ts';
import { brakeSentence } from '../engine/gate/brake.ts';
import { mailboxesIn, mailboxState } from '../engine/mail/state.ts';
import { secretNames } from '../engine/money/means.ts';
import { noticesInWords } from '../engine/upkeep/notice-state.ts';
import { errorCode } from '../files/durable.ts';
import { databaseState } from '../process/database-state.ts';
import type { Settings } from '../process/environment.ts';
import { openStore } from '../process/house.ts';
import type { Store, StoreReport } from '../store/store.ts';
import { restoredWarnings } from './doctor-restored.ts';
import { outgrown } from './outgrown.ts';

/** What the doctor finds in the store, and how its database is told where it has one. */
export type StoreFindings = {
  /** Undefined where the store could not be read at all. */
  commits: number | undefined;
  /** Whether all of it can be used. */
  isWhole: boolean;
  faults: string[];
  warnings: string[];
  /** Lines about the database. */
  database: string[];
  /** Lines about mailboxes and notices. */
  lines: string[];
  book: Pick<PasskeyBook, 'keys' | 'signing'> | undefined;
};

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

/** Lists contacts as a client does first, and tells where a home of files is too large for that. */
async function readFirstList(store: Store, { bytes, warnings }: StoreReport, isOfFiles: boolean): Promise<void> {
  const start = performance.now();
  await store.find.contacts({}, { limit: 1, offset: 0 });
  if (!isOfFiles) return;
  const warning = outgrown({ bytes, listMs: performance.now() - start });
  if (warning !== undefined) warnings.push(warning);
}

/** Opens the home as every process does. A whole log may still hold what this version doesn't understand. */
async function readThrough(store: Store, report: StoreReport, isOfFiles: boolean): Promise<void> {
  const { faults, warnings } = report;
  try {
    await readFirstList(store, report, isOfFiles);
    const { unknown, brake } = await store.read((view) => ({
      unknown: view.open({ statuses: ['unknown'] }).length,
      brake: view.brake(),
    }));
    if (brake.on) warnings.push(visible(`${brakeSentence(brake)}: countersign resume`));
    warnings.push(...(await restoredWarnings(store, store.stepBack())));
    if (unknown > 0)
      warnings.push(
        `${unknown} action(s) have an unknown outcome: find out what happened, then use settle_action or countersign review`,
      );
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
}

async function readWhole(store: Store, report: StoreReport, { settings, deps, config }: Asked): Promise<string[]> {
  const lines = await mailboxLines(store, report);
  if (config) {
    const notices = await noticesInWords(store, deps);
    lines.push(...notices.lines.map(visible));
    report.warnings.push(...notices.warnings.map(visible));
  }
  const hosts = [...allowedHosts(settings.env), ...(config?.allowHosts ?? [])];
  report.warnings.push(...(await store.read((view) => lacking(view, settings.env, hosts))));
  return lines;
}

/** Whose store is looked into, and by what it may be that something in it lacks a setting. */
type Asked = { settings: Settings; deps: Deps; config: Config | undefined };

/** The store that the settings name, or why it can't be opened. */
async function opened(settings: Settings, deps: Deps): Promise<Store | string> {
  try {
    return await openStore(settings, deps, { raises: false });
  } catch (error) {
    // The folder of a home may be none, or closed to this user.
    if (error instanceof AppError || (error instanceof Error && errorCode(error))) return error.message;
    throw error;
  }
}

/** Looks through the store that the settings name. What keeps it from being read is a fault; it never throws for that. */
export async function storeFindings(asked: Asked): Promise<StoreFindings> {
  const { settings, deps } = asked;
  const { lines: database, faults } = (await databaseState(settings)) ?? { lines: [], faults: [] };
  const nothing = { commits: undefined, isWhole: false, warnings: [], database, lines: [], book: undefined };
  if (faults.length > 0) return { ...nothing, faults };
  const store = await opened(settings, deps);
  if (typeof store === 'string') return { ...nothing, faults: [store] };
  try {
    const report = await store.check();
    const isOfFiles = settings.database === undefined;
    if (report.faults.length === 0) await readThrough(store, report, isOfFiles);
    const isWhole = report.faults.length === 0;
    const book = isWhole ? await store.read((view) => view.passkeys()) : undefined;
    const lines = isWhole ? await readWhole(store, report, asked) : [];
    return { ...report, isWhole, database, lines, book };
  } finally {
    await store.close();
  }
}
