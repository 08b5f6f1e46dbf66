import { describe, expect, it, onTestFinished } from 'vitest';
import { Chance } from '../support/chance.ts';
import { EagerAssistant } from '../support/eager-assistant.ts';
import { aMailSink } from '../support/mail-sink.ts';
import { ERAS, type OnForm, startServer, temporaryHome } from '../support/server.ts';
import { aSink } from '../support/sink.ts';
import { testTools, writeConfig } from '../support/tool-server.ts';

const STEPS = 60;
type Decided = { status: string; decided_via?: string };

const NOT_YES = [
  { action: 'decline' },
  { action: 'cancel' },
  { action: 'accept', content: { decision: 'leave it waiting' } },
  { action: 'accept', content: { decision: 'reject' } },
  { action: 'accept', content: {} },
];

/** A home with a mail server, a web server and a tool server that would take whatever leaves this machine. */
async function surrounded(seed: number, onForm: OnForm | undefined) {
  const chance = new Chance(seed);
  const [mail, web, tools, home] = [await aMailSink(), await aSink(), testTools(), temporaryHome()];
  writeConfig(home, { mcpServers: { desk: tools.entry() } });
  const env = { COUNTERSIGN_ALLOW_HOSTS: web.host, COUNTERSIGN_TEST_SMTP: mail.url() };
  const era = ERAS[seed % ERAS.length] ?? 'sdk-1';
  const server = await startServer({ home, era, env, ...(onForm ? { onForm } : {}) });
  onTestFinished(() => server.close());
  const targets = { hookUrl: web.url('/hook'), toolServer: 'desk', smtpEnv: 'COUNTERSIGN_TEST_SMTP', files: home };
  const left = () => ({ mails: mail.mails.length, posts: web.requests.length, calls: tools.calls().length });
  return { server, left, assistant: new EagerAssistant(server, chance, targets) };
}

describe.each([1, 2, 3])('a person who never says yes, to an assistant that tries every tool (seed %i)', (seed) => {
  it.each([
    ['declines every form', (chance: Chance) => () => chance.oneOf(NOT_YES)],
    ['is asked by a client that draws no forms', () => undefined],
  ])('%s: nothing leaves the machine, and the log claims no yes', async (_, person) => {
    const { server, left, assistant } = await surrounded(seed, person(new Chance(seed + 100)));
    await assistant.everything();
    for (let step = 0; step < STEPS; step++) await assistant.step();
    await server.call('set_brake', { on: true });
    await assistant.call('set_brake', { on: false });
    expect(left()).toEqual({ mails: 0, posts: 0, calls: 0 });
    expect((await server.call('list_agents')).notice).toContain('The brake is on');

    const listed = (await server.tools()).map(({ name }) => name);
    expect([...assistant.called].sort()).toEqual(listed.sort());
    expect([...assistant.taken]).toEqual(
      expect.arrayContaining(['create_agent', 'trigger_agent', 'submit_evaluation', 'list_pending_actions']),
    );
    for (const run_id of assistant.known.runs) {
      const result = await server.raw('get_run', { run_id, limit: 25 });
      if (result.isError) continue;
      const results: { proposed_actions: Decided[] }[] = result.structuredContent.run.contact_results;
      const notRejected = results.flatMap((one) => one.proposed_actions).filter(({ status }) => status !== 'rejected');
      for (const { decided_via } of notRejected) expect([undefined, 'client', 'policy']).toContain(decided_via);
    }
  });
});
