import { createIds } from '../../src/domain/base/ids.ts';
import { aStore } from './store.ts';

const [home = '', name = '', count = '0', filler = '0'] = process.argv.slice(2);
const quiet = () => undefined;
const now = () => new Date();
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const store = aStore(home, { now, newId: createIds(now), log });

/** Saves contacts one by one, and prints the number of each once the store has acknowledged it. */
for (let i = 0; i < Number(count); i++) {
  const at = now().toISOString();
  const contact = {
    id: `${name}-${i}`,
    filler: 'x'.repeat(Number(filler)),
    do_not_email: false,
    do_not_contact: false,
    created_at: at,
    updated_at: at,
  };
  await store.commit(name, () => ({ events: [{ type: 'contacts_saved', contacts: [contact] }], value: undefined }));
  process.stdout.write(`${i}\n`);
}
await store.close();
