import { execFileSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import {
  agentArgs,
  countersign,
  LEADS,
  LEADS_MAPPING,
  noteRules,
  ROOT,
  removeFolders,
  temporaryFolder,
  using,
} from './homes.mjs';
import { interleaved, timed } from './measure.mjs';

/**
 * Measures this version and an earlier one in turns, so that a machine that changes its speed changes it for both:
 * `npm run bench:before -- REVISION`, or only some figures by words of their names: `npm run bench:before -- REVISION memory
 * spawn`. The earlier one is built from git, with the packages that are installed here.
 */
const [revision = 'HEAD', ...words] = process.argv.slice(2);
const ROUNDS = { rounds: 15, warmUp: 2 };
const PEOPLE = 1_000;

function builtAt(rev) {
  const folder = path.join(temporaryFolder('before'), 'tree');
  const git = (...args) => execFileSync('git', args, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  git('worktree', 'add', '--detach', folder, rev);
  try {
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: folder, stdio: 'inherit' });
    const program = temporaryFolder('program');
    execFileSync('cp', ['-r', path.join(folder, 'dist'), program]);
    return path.join(program, 'dist', 'countersign.js');
  } finally {
    git('worktree', 'remove', '--force', folder);
  }
}

const noteAgent = (most) => ({
  name: 'Notes',
  capabilities: ['notes'],
  playbook: { rules: noteRules },
  monitoring: { max_contacts_per_run: most },
});

async function withPeople(server) {
  const contacts = Array.from({ length: PEOPLE }, (_, i) => ({ id: `b${i}`, email: `b${i}@example.com`, n: i }));
  await server.call('import_contacts', { contacts });
}

/** What is measured, each over a server that the work ends; milliseconds, or megabytes. */
const FIGURES = {
  'spawn to initialize': (open) =>
    timed(async () => {
      const server = open(temporaryFolder('empty'));
      await server.initialize();
      await server.end();
    }),
  'first list_agents': (open) =>
    timed(() => using(open(temporaryFolder('empty')), (server) => server.call('list_agents'))),
  'create_agent, 50 times': (open) =>
    using(open(temporaryFolder('agents')), async (server) => {
      await server.call('create_agent', agentArgs(0));
      return timed(async () => {
        for (let n = 1; n <= 50; n++) await server.call('create_agent', agentArgs(n));
      });
    }),
  'rules run over 1,000 contacts': (open) =>
    using(open(temporaryFolder('run')), async (server) => {
      await withPeople(server);
      const { agent } = await server.call('create_agent', noteAgent(PEOPLE));
      return timed(() => server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 }));
    }),
  'approving 1,000 notes in bulk': (open) =>
    using(open(temporaryFolder('bulk')), async (server) => {
      await withPeople(server);
      const { agent } = await server.call('create_agent', noteAgent(PEOPLE));
      await server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 });
      let ms = 0;
      for (let left = PEOPLE; left > 0; ) {
        const { review_token } = await server.call('list_pending_actions', { detail: 'brief', limit: 1_000 });
        ms += await timed(async () => {
          left -= (await server.call('review_actions', { decision: 'approve', review_token })).decided;
        });
      }
      return ms;
    }),
  'list_contacts by filter, 20 times': (open) =>
    using(open(temporaryFolder('list')), async (server) => {
      await withPeople(server);
      return timed(async () => {
        for (let n = 0; n < 20; n++) await server.call('list_contacts', { filter: { n: { $gte: n * 40 } } });
      });
    }),
  'memory after list_agents': (open) =>
    using(open(temporaryFolder('memory')), async (server) => {
      await server.call('list_agents');
      return server.residentMb();
    }),
};

const LEAD_FIGURES = {
  'import of leads.csv': (open) =>
    using(open(temporaryFolder('import')), (server) =>
      timed(() => server.call('import_contacts', { path: LEADS, mapping: LEADS_MAPPING })),
    ),
  'rules run over leads.csv': (open) =>
    using(open(temporaryFolder('leads')), async (server) => {
      await server.call('import_contacts', { path: LEADS, mapping: LEADS_MAPPING });
      const { agent } = await server.call('create_agent', noteAgent(10_000));
      return timed(() => server.call('trigger_agent', { agent_id: agent.id, wait_seconds: 30 }));
    }),
};

const inWords = (value) => value.toFixed(1);
try {
  const program = builtAt(revision);
  console.log(`| figure | ${revision} | now | now / before |\n|---|---|---|---|`);
  const figures = { ...FIGURES, ...(existsSync(LEADS) ? LEAD_FIGURES : {}) };
  for (const [name, measure] of Object.entries(figures)) {
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
    const before = () => measure((home) => countersign(home, {}, program));
    const now = () => measure((home) => countersign(home));
    const found = await interleaved({ before, now }, ROUNDS);
    console.log(
      `| ${name} | ${inWords(found.before)} | ${inWords(found.now)} | ${(found.now / found.before).toFixed(2)} |`,
    );
  }
} finally {
  removeFolders();
}
