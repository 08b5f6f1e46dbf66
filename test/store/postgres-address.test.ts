import { describe, expect, it } from 'vitest';
import { addressInWords, databaseOf } from '../../src/store/postgres/address.ts';

const of = (text: string) => databaseOf(text, 'sam');
const problem = (text: string) => {
  const found = of(text);
  return 'problem' in found ? found.problem : undefined;
};

describe('the URL of a database', () => {
  it('names a host, a port, a role, a password and a database, each decoded', () => {
    expect(of('postgres://app%40x:p%23w%2F%3F@localhost:6000/my%20base')).toEqual({
      ...{ host: 'localhost', port: 6000, role: 'app@x', password: 'p#w/?', database: 'my base' },
      ...{ tls: false, bindsChannel: false },
    });
  });

  it('leaves out what has a usual value', () => {
    const usual = { host: 'localhost', port: 5432, role: 'sam', password: undefined, database: 'sam', tls: false };
    expect(of('postgresql://')).toMatchObject(usual);
    expect(of('postgres://app@localhost')).toMatchObject({ ...usual, role: 'app', database: 'app' });
  });

  it.each([
    ['postgres:///work?host=/run/pg', 'sam'],
    ['postgres://app@/work?host=/run/pg', 'app'],
    ['postgres://app:pw@%2Frun%2Fpg/work', 'app'],
  ])('%s is a Unix socket', (text, role) => {
    expect(of(text)).toMatchObject({ host: '/run/pg', port: 5432, database: 'work', role, tls: false });
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

  it('is taken with sslmode=verify-full alone', () => {
    expect(of(whole)).toMatchObject({ host: 'db.example', tls: {} });
    expect(of(`${whole}&sslrootcert=/etc/root.pem`)).toMatchObject({ tls: { rootFile: '/etc/root.pem' } });
    expect(of(`${whole}&sslrootcert=system`)).toMatchObject({ tls: {} });
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
    expect(of(text)).toMatchObject({ tls: false });
  });
});

it('a database is told without its role and its password', () => {
  const told = (text: string) => {
    const found = of(text);
    return 'problem' in found ? found : addressInWords(found);
  };
  expect(told('postgres://app:pw@[::1]:6000/work')).toBe('database work at [::1]:6000');
  expect(told('postgres:///work?host=/run/pg')).toBe('database work at /run/pg, port 5432');
});
