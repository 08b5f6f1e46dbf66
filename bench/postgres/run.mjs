import { removeFolders } from '../homes.mjs';
import { calls, creating } from './calls.mjs';
import { committing } from './committing.mjs';
import { databases } from './database.mjs';
import { running } from './running.mjs';

const FIGURES = { committing, creating, calls, running };

const wanted = process.argv.slice(2);
const server = await databases();
try {
  for (const [name, measure] of Object.entries(FIGURES))
    if (wanted.length === 0 || wanted.includes(name)) console.log(name, await measure(server));
} finally {
  await server.remove();
  removeFolders();
}
