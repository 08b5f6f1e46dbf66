import { smtpLack } from '../actions/email-message.ts';
import { secretLack } from '../actions/hook.ts';
import { readConfig } from '../config.ts';
import type { View } from '../domain/state.ts';
import type { Settings } from '../settings.ts';
import { depsOf } from '../stdio.ts';
import { createJsonStore } from '../store/json/json-store.ts';
import type { StoreReport } from '../store/store.ts';
import { VERSION } from '../version.ts';

const KEYS = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'];

/** Variables that identities and agents name and this environment hasn't; a client may start the server with another. */
function lacking(view: View, env: Settings['env']): string[] {
  const identities = [...view.identities().values()].flatMap((identity) => {
    const lack = smtpLack(identity, env);
    return lack === undefined ? [] : [`identity "${identity.name}": ${lack}`];
  });
  const agents = [...view.agents().values()].flatMap((agent) => {
    const lack = agent.status === 'archived' ? undefined : secretLack({ agent }, env);
    return lack === undefined ? [] : [`agent "${agent.name}": ${lack}`];
  });
  return [...identities, ...agents];
}

/** The MCP servers that HOME/config.json names, and only their names. */
function toolServers(home: string, { faults, warnings }: StoreReport): string {
  try {
    const { file, mcpServers } = readConfig(home);
    for (const entry of mcpServers.values()) if ('problem' in entry) warnings.push(`${file}: ${entry.problem}`);
    return [...mcpServers.keys()].join(', ') || 'none listed, none needed';
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
    return 'unknown';
  }
}

/** Checks what Countersign stands on and says it in lines; 1 where something is at fault. */
export async function doctor(settings: Settings, say: (text: string) => void): Promise<number> {
  const store = createJsonStore(settings.home, depsOf(settings));
  const report = store.check();
  if (report.faults.length === 0) {
    const unknown = await store.read((view) =>
      [...view.desk().open.values()].filter((item) => item.status === 'unknown'),
    );
    report.warnings.push(...(await store.read((view) => lacking(view, settings.env))));
    if (unknown.length > 0) {
      report.warnings.push(
        `${unknown.length} action(s) have an unknown outcome: find out what happened, then use settle_action or countersign review`,
      );
    }
  }
  await store.close();
  const servers = toolServers(report.home, report);
  say(`countersign ${VERSION} on Node ${process.versions.node}\n`);
  say(`home: ${report.home}\n`);
  say(`store: ${report.commits} commits${report.faults.length === 0 ? ', whole' : ''}\n`);
  const present = KEYS.filter((name) => settings.env[name] !== undefined);
  say(`keys: ${present.length > 0 ? `${present.join(', ')} set` : 'none set, none needed'}\n`);
  say(`mcp servers: ${servers}\n`);
  for (const warning of report.warnings) say(`warning: ${warning}\n`);
  for (const fault of report.faults) say(`fault: ${fault}\n`);
  say(report.faults.length === 0 ? 'ok\n' : `${report.faults.length} fault(s)\n`);
  return report.faults.length === 0 ? 0 : 1;
}
