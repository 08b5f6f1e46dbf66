import type { QueryResultRow } from 'pg';
import { demandOutboxName, isOutboxName, LEFT_BY_ACTION } from '../../files/outbox.ts';
import type { SharedOutbox } from '../store.ts';
import type { DatabaseAccess } from './access/database-access.ts';
import { withinTime } from './connection/within-time.ts';

const WRITE = `insert into outbox (name, at, content) values ($1, clock_timestamp(), $2)
  on conflict (name) do update set at = excluded.at, content = excluded.content`;
const NEWEST = 'select name from outbox where name ~ $1 order by at desc, name limit $2';

type NameRow = { name: string };

/** The outbox as a table, which every process of the home reads and writes. `shown` is how people are told of the database. */
export function outboxInDatabase(access: DatabaseAccess, shown: string): SharedOutbox {
  const asking = <T extends QueryResultRow>(doing: string, text: string, values: unknown[], bytes = 0): Promise<T[]> =>
    access.doing(doing, async () => {
      const asked = withinTime(text, values, bytes);
      return (await access.connections.untilDone((client) => client.query<T>(asked))).rows;
    });
  const reading = <T extends QueryResultRow>(text: string, ...values: unknown[]) =>
    asking<T>('Reading the outbox', text, values);
  return {
    async write(name, content) {
      demandOutboxName(name);
      const bytes = Buffer.from(content);
      await asking(`Writing ${name} to the outbox`, WRITE, [name, bytes], bytes.length);
      return `${shown}#outbox/${name}`;
    },
    async read(name) {
      if (!isOutboxName(name)) return undefined;
      const [row] = await reading<{ content: Buffer }>('select content from outbox where name = $1', name);
      return row?.content;
    },
    async newest(most) {
      return (await reading<NameRow>(NEWEST, LEFT_BY_ACTION.source, most)).map(({ name }) => name);
    },
    async removeMarked(mark) {
      await asking('Removing files from the outbox', 'delete from outbox where position($1 in name) > 0', [mark]);
    },
    async kept(names) {
      const rows = await reading<NameRow>('select name from outbox where name = any($1)', names);
      return new Set(rows.map(({ name }) => name));
    },
  };
}
