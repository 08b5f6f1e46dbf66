import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { serving, temporaryFolder, tokenIn } from '../homes.mjs';
import { median } from '../measure.mjs';

const ROWS = 200;
const ROUNDS = 9;
/** Decisions by key in each round. */
const KEYS = 5;
const FIRST_PAINT_MS = 300;
const DRAWN_MS = 1_000;
const NEXT_MS = 100;
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Runs in the page before it: notes when all rows are on the screen, and how long each `a` takes to show the next row. */
const WATCH = `
  window.seen = { keys: [] };
  const painted = (note) => requestAnimationFrame(() => setTimeout(note, 0));
  const current = () => document.querySelector('.row[aria-current]');
  new MutationObserver(() => {
    if (seen.drawn === undefined && document.querySelectorAll('.row').length >= ${ROWS}) {
      seen.drawn = 0;
      painted(() => { seen.drawn = performance.now(); });
    }
    if (seen.pressed !== undefined && current() !== seen.before) {
      const { pressed } = seen;
      seen.pressed = undefined;
      painted(() => seen.keys.push(performance.now() - pressed));
    }
  }).observe(document, { childList: true, subtree: true, attributes: true });
  addEventListener('keydown', ({ key }) => {
    if (key === 'a') Object.assign(seen, { pressed: performance.now(), before: current() });
  }, true);
`;

/** A home that is served, in which so many emails wait; spoken to over HTTP. */
async function waitingHome() {
  const home = temporaryFolder('desk');
  const token = tokenIn(home);
  const served = await serving(home, { token }).listening();
  const contacts = Array.from({ length: ROWS }, (_, at) => ({
    ...{ id: `c${at}`, email: `person${at}@example.com`, firstname: `Person ${at}`, company: `Company ${at}` },
  }));
  await served.call('import_contacts', { contacts });
  const params = { subject: 'The cost for {{ contact.company }}', message: 'Hi {{ contact.firstname }}, shall I?' };
  const { agent } = await served.call('create_agent', {
    name: 'Pricing follow-up',
    capabilities: ['email'],
    playbook: { rules: [{ name: 'all', propose: [{ type: 'email_message', params }] }] },
    monitoring: { max_contacts_per_run: ROWS },
  });
  await served.call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
  return served;
}

/** Waits until something is true in the page. Its policy lets Playwright's own way of waiting evaluate nothing. */
async function until(page, condition) {
  while (!(await page.evaluate(condition))) await page.waitForTimeout(20);
}

/** One page that a person opens, and decides some rows of by key. They leave before any of it is sent. */
async function visit(browser, link) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.addInitScript(WATCH);
  await page.goto(link);
  await until(page, 'seen.drawn > 0 && document.querySelector(".row[aria-current]") !== null');
  // A page that has just opened takes no key until none came for a second.
  await page.waitForTimeout(1_500);
  for (let key = 1; key <= KEYS; key++) {
    await page.keyboard.press('a');
    await until(page, `seen.keys.length === ${key}`);
    await page.waitForTimeout(150);
  }
  const firstPaint = await page.evaluate('performance.getEntriesByName("first-contentful-paint")[0].startTime');
  const { drawn, keys } = await page.evaluate('seen');
  await context.close();
  return { firstPaint, drawn, next: median(keys) };
}

/** The desk in a real browser, with 200 emails that wait. */
export async function desk() {
  if (!existsSync(CHROMIUM)) {
    process.stderr.write(`There is no Chromium at ${CHROMIUM}, so the desk isn't measured.\n`);
    return [];
  }
  const served = await waitingHome();
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const visits = [];
  for (let round = 0; round <= ROUNDS; round++) visits.push(await visit(browser, await served.deskLink()));
  await browser.close();
  await served.end();
  const of = (name) => median(visits.slice(1).map((one) => one[name]));
  const row = (figure, means, name, atMost) => ({ figure, means, value: of(name), unit: 'ms', atMost });
  const many = `${ROWS} emails wait`;
  return [
    row(
      'the desk, first paint',
      `opening its page in Chromium: until something is painted, while ${many}`,
      'firstPaint',
      FIRST_PAINT_MS,
    ),
    row('the desk, drawn', `the same, until all ${ROWS} rows are on the screen`, 'drawn', DRAWN_MS),
    row(
      'a decision by key',
      `from the press of \`a\` at the desk until the next row is on the screen, while ${many}`,
      'next',
      NEXT_MS,
    ),
  ];
}
