import fs from 'node:fs';
import { LeaseThread } from '../../src/store/json/lease-thread.ts';
import { quietStore } from './verified.ts';

const [home = '', goOn = '', hangMs = ''] = process.argv.slice(2);

/** Keeps the loop from turning until a file is there, as endless work would. */
function block(): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (!fs.existsSync(goOn)) Atomics.wait(cell, 0, 0, 20);
}

/** Takes a lease, prints who holds it, blocks the loop, and prints when it is free again. */
const store = quietStore(home);
if (hangMs === '') await store.renew(true);
else {
  await store.renew();
  new LeaseThread(`${home}/state/leases/${store.holder}`, { renewMs: 50, beatMs: 20, hangMs: Number(hangMs) }).hold();
}
fs.writeSync(1, `${store.holder}\n`);
block();
fs.writeSync(1, 'free\n');
await store.close();
process.exit();
