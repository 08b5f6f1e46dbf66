import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { manageTokens } from '../../src/commands/token.ts';
import { freshFolder } from '../support/folders.ts';

const temporaryHome = () => freshFolder('token');

/** What `countersign token` says and gives, run in this process. */
function token(home: string, ...args: string[]) {
  const said = { stdout: '', stderr: '' };
  const status = manageTokens({ home }, args, {
    say: (text) => {
      said.stdout += text;
    },
    tell: (text) => {
      said.stderr += text;
    },
  });
  return { status, ...said };
}

const idOf = (text: string) => text.split('_')[1] ?? '';
const kept = (home: string, text: string) =>
  JSON.parse(fs.readFileSync(path.join(home, 'tokens', `${idOf(text)}.json`), 'utf8'));

describe('countersign token add', () => {
  it('prints the token alone on stdout, and keeps its digest in a file for the owner alone', () => {
    const home = temporaryHome();
    const { status, stdout, stderr } = token(home, 'add', 'Zoë');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^cs_[a-z0-9]{12}_[0-9a-f]{64}\n$/);
    expect(stderr).toContain('member of team 1, agents:read, agents:write, agents:trigger, until it is revoked');
    const file = path.join(home, 'tokens', `${idOf(stdout)}.json`);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
    expect(kept(home, stdout).sha256).toBe(createHash('sha256').update(stdout.trim()).digest('hex'));
    const all = fs.readdirSync(home, { recursive: true, encoding: 'utf8' }).map((name) => path.join(home, name));
    const texts = all.filter((name) => fs.statSync(name).isFile()).map((name) => fs.readFileSync(name, 'utf8'));
    expect(texts.filter((text) => text.includes(stdout.trim()))).toEqual([]);
  });

  it('takes scopes, role, team, days and a dialect', () => {
    const home = temporaryHome();
    const options = ['--scopes', 'approve,agents:read', '--role', 'admin', '--team', '7', '--days', '30'];
    const { stdout } = token(home, 'add', 'Zoe', ...options, '--dialect', 'make');
    const { scopes, role, team, dialect, created_at, expires_at } = kept(home, stdout);
    expect({ scopes, role, team, dialect }).toEqual({
      ...{ scopes: ['agents:read', 'agents:approve'], role: 'admin', team: 7, dialect: 'make' },
    });
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(30 * 86_400_000);
  });

  it('is one person’s for one name, and the home owner’s under the name of the OS user', () => {
    const home = temporaryHome();
    const person = (name: string) => kept(home, token(home, 'add', name).stdout).person;
    const zoe = person('Zoe');
    expect(person('Zoe')).toBe(zoe);
    expect(person('Ben')).not.toBe(zoe);
    expect(person(os.userInfo().username)).toBe('owner');
  });

  it('refuses a name that could be taken for another one', () => {
    const home = temporaryHome();
    expect(token(home, 'add', 'Sam Miller').status).toBe(0);
    const names = ['sam miller', 'SAM MILLER', 'Sam  Miller', 'Sаm Miller', 'Sam MiIler', 'Sam-Miller', 'Sám Miller'];
    for (const name of [...names, 'Sarn Miller', os.userInfo().username.toUpperCase()])
      expect([name, token(home, 'add', name)]).toMatchObject([name, { status: 1, stdout: '' }]);
    expect(token(home, 'add', 'Sam Mills').status).toBe(0);
  });

  it.each([
    [['add'], 'one name'],
    [['add', ' '], 'one name'],
    [['add', 'A', 'B'], 'one name'],
    [['add', 'A (root)'], 'no brackets'],
    [['add', 'A\u202eB'], 'visible'],
    [['add', 'A', '--scopes', 'all'], 'no scope'],
    [['add', 'A', '--scopes', ''], 'names none'],
    [['add', 'A', '--role', 'boss'], 'no role'],
    [['add', 'A', '--team', '0'], 'whole number'],
    [['add', 'A', '--days', '-1'], 'argument'],
    [['add', 'A', '--days=1.5'], 'whole number'],
    [['add', 'A', '--days=99999999999'], 'whole number from 1 to 36500'],
    [['add', 'A', '--dialect', 'soap'], 'no dialect'],
    [['add', 'A', '--wrong'], 'wrong'],
    [['revoke'], 'one id'],
    [['revoke', '../x'], 'no token'],
    [['revoke', 'aaaaaaaaaaaa'], 'no token'],
    [['list', 'x'], 'nothing more'],
    [['what'], 'nothing to do'],
    [[], 'Say what to do'],
  ])('is refused as %j, with what to write instead', (args, why) => {
    const home = temporaryHome();
    const { status, stdout, stderr } = token(home, ...args);
    expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: '', stderr: expect.stringContaining(why) });
    expect(fs.existsSync(path.join(home, 'tokens'))).toBe(false);
  });
});
