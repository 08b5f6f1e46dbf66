import { describe, expect, it, onTestFinished } from 'vitest';
import { type Relay, startRelay } from '../support/conformance/relay.ts';
import { serveFixtures } from '../support/conformance/serve-fixtures.ts';
import { conformance } from '../support/conformance/suite.ts';
import { freePorts } from '../support/daemon.ts';
import { serve, tokenIn } from '../support/served.ts';
import { temporaryHome } from '../support/server.ts';

/** The scenarios of Tasks, an extension that the SDK's server doesn't have yet. One more passes without doing anything. */
const TASKS = [
  'tasks-capability-negotiation',
  'tasks-dispatch-and-envelope',
  'tasks-lifecycle',
  'tasks-mrtr-composition',
  'tasks-mrtr-input',
  'tasks-request-headers',
  'tasks-request-state-removal',
  'tasks-required-task-error',
  'tasks-wire-fields',
];

/** The scenarios that call tools, resources and prompts of the suite's own, which the product hasn't. */
const OF_FIXTURES =
  /^(tools-call-|resources-(read|templates|subscribe|unsubscribe)|prompts-get-|elicitation-|input-required-result-|completion-|logging-|json-schema-|http-custom-header-|server-stateless$)/;

async function aRelay(): Promise<Relay> {
  const relay = await startRelay();
  onTestFinished(relay.close);
  return relay;
}

async function fixtures(): Promise<string> {
  const relay = await aRelay();
  const served = await serveFixtures(new URL(relay.url));
  onTestFinished(served.close);
  relay.lead(served.url, 'the-suite');
  return relay.url;
}

/** The product itself, as `countersign serve` starts it. */
async function product(): Promise<string> {
  const relay = await aRelay();
  const home = temporaryHome();
  const token = tokenIn(home);
  const [port] = await freePorts();
  await serve({ home, args: ['--port', String(port), '--public-url', relay.url] });
  relay.lead(`http://127.0.0.1:${port}`, token);
  return relay.url;
}

describe('the official conformance suite, over fixtures that our own code serves', () => {
  it('finds no failure in 2025-06-18', async () => {
    const { passed, failed, text } = await conformance(
      await fixtures(),
      ...['--suite', 'all', '--spec-version', '2025-06-18'],
    );
    expect({ passed, failed }, text).toEqual({ passed: 56, failed: [] });
  });

  it('finds no failure in 2025-11-25', async () => {
    const { passed, failed, text } = await conformance(await fixtures(), '--requirements', '2025-11-25');
    expect({ passed, failed }, text).toEqual({ passed: 81, failed: [] });
  });

  it('finds no failure in 2026-07-28 but that Tasks are missing', async () => {
    const { passed, failed, text } = await conformance(await fixtures(), '--requirements', '2026-07-28');
    expect({ passed, failed }, text).toEqual({ passed: 162, failed: TASKS });
  });
});

describe('the official conformance suite, over the product', () => {
  it.each([
    { revision: '2025-06-18', options: ['--suite', 'all', '--spec-version', '2025-06-18'], passes: 35, lacks: [] },
    { revision: '2025-11-25', options: ['--requirements', '2025-11-25'], passes: 43, lacks: [] },
    { revision: '2026-07-28', options: ['--requirements', '2026-07-28'], passes: 107, lacks: TASKS },
  ])('finds no failure in $revision where a scenario needs no fixture', async ({ options, passes, lacks }) => {
    const { passed, failed, text } = await conformance(await product(), ...options);
    const others = failed.filter((name) => !OF_FIXTURES.test(name));
    expect({ passed, others }, text).toEqual({ passed: passes, others: lacks });
  });
});
