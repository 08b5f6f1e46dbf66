import pg from 'pg';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createIds } from '../../src/domain/base/ids.ts';
import { databaseOf } from '../../src/store/postgres/connection/database-url.ts';
import { testDeps } from '../support/fixtures.ts';
import { databaseUrlOf } from '../support/postgres/homes.ts';
import { SUPERUSER } from '../support/postgres/server.ts';
import { aDatabaseStore, agentsIn } from '../support/store.ts';
import { aTeam, type Teammate } from '../support/team.ts';
import { ANN, made, ran } from '../support/team-scene.ts';

/** What PostgreSQL says where a policy forbids a row. */
const DENIED = '42501';
/** Tables in which the work of all teams stands together. */
const OF_ALL = [
  ...['commits', 'documents', 'activity', 'ledger', 'decisions', 'redactions', 'mentions', 'keys', 'nonces'],
  ...['kept', 'secrets', 'tokens', 'outbox'],
];

let team: ReturnType<typeof aTeam>;
/** The admins of two teams, each with an agent and a run of it. */
let amy: Teammate;
let tess: Teammate;
let hers: { agent_id: string; run_id: string };
let other: { agent_id: string; run_id: string };
let url: string;

async function connected(role?: { user: string; password: string }): Promise<pg.Client> {
  const { config, schema } = databaseOf(url);
  const client = new pg.Client({ ...config, ...role });
  await client.connect();
  onTestFinished(() => client.end());
  await client.query(`set search_path to ${schema}`);
  return client;
}

async function column(client: pg.Client, query: string): Promise<unknown[]> {
  const { rows } = await client.query<unknown[]>({ text: query, rowMode: 'array' });
  return rows.map(([value]) => value);
}

beforeEach(async () => {
  team = aTeam();
  url = databaseUrlOf(team.home);
  amy = await team.member('amy', { role: 'admin' });
  tess = await team.member('tess', { role: 'admin', team: 2 });
  await amy.call('import_contacts', { contacts: [ANN] });
  const work = async (who: Teammate) => {
    const agent_id = await made(who);
    return { agent_id, run_id: await ran(who, agent_id) };
  };
  [hers, other] = [await work(amy), await work(tess)];
});

/** What a session reads of the two teams' work. */
async function workSeen(client: pg.Client) {
  const seen: Record<string, unknown[]> = {
    agents: await column(client, 'select agent_id from agent_teams order by n'),
    files: await column(client, 'select agent_id from agent_files order by agent_id'),
    evaluated: await column(client, 'select agent_id from evaluated order by agent_id'),
    work: await column(client, "select id from agent_work where kind = 'run' order by n"),
  };
  for (const table of ['runs', 'run_people', 'results'])
    seen[table] = await column(client, `select run_id from ${table}`);
  return seen;
}

const seenOf = ({ agent_id, run_id }: { agent_id: string; run_id: string }) => ({
  ...{ agents: [agent_id], files: [agent_id], evaluated: [agent_id] },
  ...{ work: [run_id], runs: [run_id], run_people: [run_id], results: [run_id] },
});

describe('a session of one team in the database', () => {
  it('reads the work of its own agents, the contacts, and nothing in which several teams stand together', async () => {
    const app = await connected();
    expect((await workSeen(app)).agents).toEqual([hers.agent_id, other.agent_id]);
    for (const [number, own] of [
      [1, hers],
      [2, other],
    ] as const) {
      await app.query(`set countersign.team = '${number}'`);
      expect(await workSeen(app)).toEqual(seenOf(own));
      expect(await column(app, 'select id from contacts')).toEqual(['ann']);
      for (const table of OF_ALL) expect(await column(app, `select 1 from ${table}`), table).toEqual([]);
    }
    await app.query(`set countersign.team = ''`);
    for (const table of ['commits', 'ledger', 'mentions'])
      expect(await column(app, `select 1 from ${table}`), table).not.toEqual([]);
  });

  it('writes nothing', async () => {
    const app = await connected();
    await app.query(`set countersign.team = '2'`);
    const row = `insert into results (run_id, contact_id, n, born, place, body) values ('${other.run_id}', 'x', 1, 1, 1, '')`;
    await expect(app.query(row)).rejects.toMatchObject({ code: DENIED });
    for (const table of ['runs', 'results', 'agent_files', 'evaluated', 'documents']) {
      expect((await app.query(`update ${table} set n = 0`)).rowCount, table).toBe(0);
      expect((await app.query(`delete from ${table}`)).rowCount, table).toBe(0);
    }
    await expect(app.query(`insert into commits values (1000, '', '')`)).rejects.toMatchObject({ code: DENIED });
  });

  it('is of the team that its role is bound to, whatever it sets', async () => {
    const owner = await connected(SUPERUSER);
    const role = { user: `analyst_${process.pid}_${Date.now()}`, password: 'pw-of-an-analyst' };
    await owner.query(`create role ${role.user} login password '${role.password}'`);
    onTestFinished(async () => {
      await owner.query(`drop owned by ${role.user}`);
      await owner.query(`drop role ${role.user}`);
    });
    const { schema } = databaseOf(url);
    await owner.query(`insert into team_roles values ('${role.user}', 2)`);
    await owner.query(`grant usage on schema ${schema} to ${role.user}`);
    await owner.query(
      `grant select on contacts, agent_files, agent_teams, agent_work, runs, run_people, results, evaluated, team_roles to ${role.user}`,
    );
    await owner.query(`grant execute on function session_team() to ${role.user}`);
    const analyst = await connected(role);
    for (const said of ['2', '1', '']) {
      await analyst.query(`set countersign.team = '${said}'`);
      expect(await workSeen(analyst)).toEqual(seenOf(other));
    }
    await analyst.query('create temporary table team_roles (role name, team integer)').catch(() => undefined);
    await analyst
      .query('create temporary table agent_teams (agent_id text, n bigint, team integer)')
      .catch(() => undefined);
    expect(await column(analyst, `select run_id from ${schema}.results`)).toEqual([other.run_id]);
  });
});

describe('a process', () => {
  it('works for the whole home, whatever team the database is set to', async () => {
    const owner = await connected(SUPERUSER);
    await owner.query(`alter database ${databaseOf(url).config.database} set countersign.team = '2'`);
    const store = aDatabaseStore(url, { ...testDeps(), newId: createIds(() => new Date()) });
    onTestFinished(() => store.close());
    expect(await store.read((view) => agentsIn(view).map(({ id }) => id))).toEqual([hers.agent_id, other.agent_id]);
    expect(await store.check()).toMatchObject({ faults: [] });
  });
});

describe('one of a team', () => {
  it('is shown no agent that the database has for another team, and nothing of it', async () => {
    const stdio = await team.stdio();
    const agent_id = await made(stdio, undefined, { name: 'Shared', visibility: 'public' });
    const run_id = await ran(stdio, agent_id);
    const owner = await connected(SUPERUSER);
    await owner.query('update agent_teams set team = 2 where agent_id = $1', [agent_id]);
    for (const who of [amy, tess]) {
      const { agents } = await who.call('list_agents');
      expect(agents.map(({ id }: { id: string }) => id)).not.toContain(agent_id);
      expect(await who.call('get_agent', { agent_id })).toMatchObject({ error: { code: 'NOT_FOUND' } });
      expect(await who.call('get_run', { run_id })).toMatchObject({ error: { code: 'NOT_FOUND' } });
    }
    expect((await stdio.call('get_agent', { agent_id })).agent.id).toBe(agent_id);
  });

  it('is shown no results of a run that the database has for another team’s agent', async () => {
    const stdio = await team.stdio();
    const agent_id = await made(stdio, undefined, { name: 'Shared', visibility: 'public' });
    const run_id = await ran(stdio, agent_id);
    const owner = await connected(SUPERUSER);
    await owner.query('update agent_work set agent_id = $1 where id = $2', [other.agent_id, run_id]);
    expect((await amy.call('get_agent', { agent_id })).agent.id).toBe(agent_id);
    expect((await amy.call('get_run', { run_id })).run.contact_results).toEqual([]);
    expect((await stdio.call('get_run', { run_id })).run.contact_results).toHaveLength(1);
  });

  it('sees what they make at once, and what their team makes elsewhere', async () => {
    const agent_id = await made(amy, undefined, { name: 'Fresh', visibility: 'public' });
    const ann = await team.member('ann');
    expect((await ann.call('get_agent', { agent_id: 'Fresh' })).agent.id).toBe(agent_id);
    const run_id = await ran(ann, agent_id);
    expect((await ann.call('get_run', { run_id })).run.contact_results).toHaveLength(1);
    expect(await ann.call('get_agent', { agent_id: 'No such\0agent\ud800' })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
  });
});
