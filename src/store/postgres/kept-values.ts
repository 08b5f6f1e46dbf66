import { randomBytes } from 'node:crypto';
import type { Store } from '../store.ts';
import type { PostgresTuning } from './access/postgres-tuning.ts';
import type { DatabaseConnections } from './connection/connections.ts';

const TOKEN_FORM = /^[a-z]+_[a-z0-9]{10,40}$/;
/** The moment a day ago, by the database's clock. */
const DAY_AGO = `clock_timestamp() + make_interval(secs => $1) - interval '1 day'`;
const SECRET_LENGTH = 32;

/** Small values that aren't part of state, each kept for a day, and the secret of the home. */
export function keptIn(
  connections: DatabaseConnections,
  { aheadMs }: PostgresTuning,
): Pick<Store, 'keep' | 'recall' | 'take' | 'secret'> {
  const ahead = () => aheadMs() / 1000;
  const valueBy = async (text: string, token: string) => {
    if (!TOKEN_FORM.test(token)) return undefined;
    const { rows } = await connections.untilDone((client) => client.query<{ value: string }>(text, [ahead(), token]));
    const [row] = rows;
    return row && Buffer.from(row.value, 'base64').toString('utf8');
  };
  return {
    async keep(token, value) {
      await connections.untilDone(async (client) => {
        await client.query(`delete from kept where at < ${DAY_AGO}`, [ahead()]);
        await client.query(
          `insert into kept (token, at, value) values ($2, clock_timestamp() + make_interval(secs => $1), $3)
           on conflict (token) do update set at = excluded.at, value = excluded.value`,
          [ahead(), token, Buffer.from(value).toString('base64')],
        );
      });
    },
    recall: (token) => valueBy(`select value from kept where at >= ${DAY_AGO} and token = $2`, token),
    take: (token) => valueBy(`delete from kept where at >= ${DAY_AGO} and token = $2 returning value`, token),
    secret: () =>
      connections.untilDone(async (client) => {
        const known = () => client.query<{ value: Buffer }>(`select value from secrets where name = 'home'`);
        let { rows } = await known();
        if (rows.length === 0) {
          await client.query(`insert into secrets (name, value) values ('home', $1) on conflict (name) do nothing`, [
            randomBytes(SECRET_LENGTH),
          ]);
          rows = (await known()).rows;
        }
        return rows[0]?.value ?? Buffer.alloc(0);
      }),
  };
}
