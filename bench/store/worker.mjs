// Counts up in a folder so many times, in one of the ways, and prints each key once it is written.
import { WAYS } from './ways.mjs';

const [name, folder, writer, count] = process.argv.slice(2);
const way = await WAYS[name](folder);
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.unref();
const began = performance.now();
for (let i = 0; i < Number(count); i++) {
  const key = `${writer}-${i}`;
  try {
    await way.bump(key);
  } catch (error) {
    process.stdout.write(`failed ${error.message.split('\n')[0]}\n`);
    break;
  }
  process.stdout.write(`did ${key}\n`);
}
process.stdout.write(`took ${performance.now() - began}\n`);
await way.close?.();
process.exit();
