import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    map: { type: 'string', multiple: true },
    filter: { type: 'string' },
    model: { type: 'boolean' },
    postgres: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

if (values.help) {
  console.log('npm run demo                                  the story on sample data');
  console.log(
    'npm run demo -- --model                       an agent that reasons by a model on loopback, and what it costs',
  );
  console.log(
    'npm run demo -- --postgres ...                any of them, on a PostgreSQL of its own that it starts and removes',
  );
  console.log(
    'npm run demo -- FILE [--map field=Column ...] [--filter JSON]   a note proposed for each matching contact',
  );
} else {
  try {
    const [file] = positionals;
    if (values.postgres) await (await import('./demo-postgres.mjs')).demoOnPostgres();
    else if (values.model) await (await import('./demo-model.mjs')).tellModelStory();
    else if (file === undefined) await (await import('./demo-story.mjs')).tellStory();
    else await (await import('./demo-data.mjs')).runOnData(file, values.map ?? [], values.filter);
  } catch (error) {
    console.error(`\nThe demo stopped. ${error.message}`);
    process.exitCode = 1;
  }
}
