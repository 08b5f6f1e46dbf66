import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { databaseOf } from '../../src/store/postgres/connection/database-url.ts';
import { aHome } from '../support/fixtures.ts';

const SAM = os.userInfo().username;
const of = (text: string) => databaseOf(text).config;
function problem(text: string): string | undefined {
  try {
    databaseOf(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('the URL of a database', () => {
  it('names a host, a port, a role, a password and a database, each decoded', () => {
    expect(of('postgres://app%40x:p%23w%2F%3F@localhost:6000/my%20base')).toEqual({
      ...{ host: 'localhost', port: 6000, user: 'app@x', password: 'p#w/?', database: 'my base' },
      ssl: false,
    });
  });

  it('leaves out what has a usual value', () => {
    const usual = { host: 'localhost', port: 5432, user: SAM, database: SAM, ssl: false };
    expect(of('postgresql://')).toEqual(usual);
    expect(of('postgres://app@localhost')).toEqual({ ...usual, user: 'app', database: 'app' });
    expect(databaseOf('postgres://app@localhost').schema).toBe('countersign');
  });

  it.each([
    ['postgres:///work?host=/run/pg', SAM],
    ['postgres://app@/work?host=/run/pg', 'app'],
    ['postgres://app:pw@%2Frun%2Fpg/work', 'app'],
  ])('%s is a Unix socket', (text, user) => {
    expect(of(text)).toMatchObject({ host: '/run/pg', port: 5432, database: 'work', user, ssl: false });
  });

  it.each([
    ...['postgres://u:hun#ter2@localhost/db', 'postgres://u:hun/ter2@localhost/db'],
    ...[
      'postgres://u:12/hunter2@localhost/db',
      'postgres://u:12?hunter2=1@localhost/db',
      'mysql://u:hunter2@localhost/db',
    ],
    ...[
      'postgres://u:hunter2%@localhost/db',
      'postgres://u:hunter2%00@localhost/db',
      'hunter2',
      'postgres://u:hunter2',
    ],
    ...[
      'postgres://u@localhost/db?hunter2',
      'postgres://u@localhost/db?sslmode=hunter2',
      'postgres://u:hunter2@a,b/db',
    ],
    ...['postgres://u@localhost/db?sslmode=&password=hunter2', 'postgres://u@localhost/db?port=hunter2'],
    ...['postgres://u@localhost/db?host=/a&host=/b&password=hunter2', 'postgres://u:hunter2@db.example/db'],
  ])('%s is refused, and nothing of a password is quoted', (text) => {
    expect(problem(text)).toBeDefined();
    expect(problem(text)).not.toMatch(/hun|ter2/);
  });
});

describe('a database on another machine', () => {
  const whole = 'postgres://app:pw@db.example/work?sslmode=verify-full';

  it('has the login bound to the connection where that is preferred, which nobody here can demand', () => {
    expect(of(`${whole}&channel_binding=prefer`)).toMatchObject({ enableChannelBinding: true });
    for (const without of [
      whole,
      `${whole}&channel_binding=disable`,
      'postgres://app@localhost?channel_binding=prefer',
    ])
      expect(of(without)).not.toHaveProperty('enableChannelBinding');
    for (const host of [whole, 'postgres://app@localhost/work?port=1'])
      expect(problem(`${host}&channel_binding=require`)).toContain('Write channel_binding=prefer');
    expect(problem(`${whole}&channel_binding=always`)).toContain('neither prefer nor disable');
  });

  it('is taken with sslmode=verify-full alone', () => {
    expect(of(whole)).toMatchObject({ host: 'db.example', ssl: { rejectUnauthorized: true } });
    expect(of(`${whole}&sslrootcert=system`).ssl).toEqual({ rejectUnauthorized: true });
    const rootFile = path.join(aHome(), 'root.pem');
    expect(problem(`${whole}&sslrootcert=${rootFile}`)).toContain(`${rootFile}, which can't be read (ENOENT)`);
    fs.writeFileSync(rootFile, 'a certificate');
    expect(of(`${whole}&sslrootcert=${rootFile}`).ssl).toEqual({ rejectUnauthorized: true, ca: 'a certificate' });
    for (const mode of ['', '?sslmode=require', '?sslmode=verify-ca', '?sslmode=no-verify', '?sslmode=disable'])
      expect(problem(`postgres://app:pw@db.example/work${mode}`)).toContain('only sslmode=verify-full is taken');
  });

  it.each([
    ...['postgres://u@localhost/db?host=db.example', 'postgres://u@127.0.0.1.db.example/db', 'postgres://u@0.0.0.0/db'],
    ...[
      'postgres://u@128.0.0.1/db',
      'postgres://u@2130706433/db',
      'postgres://u@[::2]/db',
      'postgres://u@localhost./db',
    ],
    ...['postgres://u@[::ffff:10.0.0.1]/db', 'postgres://u@LOCALHOST.example/db'],
  ])('is what %s means', (text) => {
    expect(problem(text)).toContain('only sslmode=verify-full is taken');
  });

  it.each([
    ...['postgres://u@127.0.0.1/db', 'postgres://u@127.9.9.9/db', 'postgres://u@[::1]/db', 'postgres://u@localhost/db'],
    ...['postgres://u@[::ffff:127.0.0.1]/db', 'postgres://u@db.example/db?host=127.0.0.1'],
  ])('is not what %s means', (text) => {
    expect(of(text)).toMatchObject({ ssl: false });
  });
});

it('a database is shown by a URL without its password', () => {
  const shown = (text: string) => databaseOf(text).shown;
  expect(shown('postgres://app:pw@[::1]:6000/work')).toBe('postgres://app@[::1]:6000/work');
  expect(shown('postgres://a%40b@/work?host=/run/pg&schema=sam')).toBe(
    'postgres://a%40b@%2Frun%2Fpg:5432/work?schema=sam',
  );
});
