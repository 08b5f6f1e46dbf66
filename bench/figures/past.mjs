import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { countersign, ROOT, temporaryFolder, using } from '../homes.mjs';
import { interleaved } from '../measure.mjs';

const ASK = fileURLToPath(new URL('../ask-past.mjs', import.meta.url));
const CONTACTS = 100_000;
const AT_ONCE = 10_000;

/** The store as the product compiles it, for a process that asks it alone: no tool gives this yet. */
function compiledStore() {
  const outfile = path.join(temporaryFolder('store'), 'store.mjs');
  const banner = { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" };
  const entry = path.join(ROOT, 'src', 'store', 'json', 'json-store.ts');
  buildSync({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', target: 'node20', outfile, banner });
  return outfile;
}

const contactAt = (i) => ({
  ...{ id: `c${i}`, email: `c${i}@example.com`, firstname: `First ${i % 900}`, lastname: `Last ${i % 7_000}` },
  ...{ company: `Company ${i % 3_000}`, lifecycle_stage: 'lead', city: `City ${i % 400}`, score: i % 100 },
});
const eventAt = (i) => ({
  ...{ contact_id: `c${(i * 7_919) % CONTACTS}`, type: 'track', name: 'Signed Up' },
  ...{ properties: { plan: 'pro', page: `/p/${i % 50}` }, timestamp: new Date(1_772_000_000_000 + i * 1_000) },
});

async function largeHome() {
  const home = temporaryFolder('past');
  await using(countersign(home), async (server) => {
    const some = (from, one) => Array.from({ length: AT_ONCE }, (_, i) => one(from + i));
    for (let from = 0; from < CONTACTS; from += AT_ONCE)
      await server.call('import_contacts', { contacts: some(from, contactAt) });
    for (let from = 0; from < CONTACTS; from += AT_ONCE)
      await server.call('import_contacts', { events: some(from, eventAt) });
  });
  return home;
}

/** 100 contacts as they were, asked by fresh processes: without any index, with all, and a second time. */
export async function past() {
  const [home, program] = [await largeHome(), compiledStore()];
  const asked = () => JSON.parse(execFileSync(process.execPath, [ASK, program, home, String(CONTACTS)]).toString());
  let kept;
  const ms = await interleaved({
    bare: async () => {
      rmSync(path.join(home, 'state', 'index'), { recursive: true, force: true });
      return asked().first;
    },
    first: async () => {
      kept = asked();
      return kept.first;
    },
    again: async () => kept.again,
  });
  const row = (means, value) => ({ figure: 'contacts as they were', means, value, unit: 'ms', atMost: 1_000 });
  return [
    row('100 of 100,000 with their share of 100,000 events, as of a commit by chance, in a fresh process', ms.first),
    row('the same again in that process', ms.again),
    row('the same in a fresh process that has to make the index of the whole log first', ms.bare),
  ];
}
