import { describe, expect, it } from 'vitest';
import { databaseLack, dataPlace } from '../../src/process/database.ts';
import { type Settings, settingsOf } from '../../src/process/environment.ts';

const URL = 'postgres://app:hunter2@localhost:6000/work';

function settings(env: Record<string, string>): Settings {
  const found = settingsOf({ COUNTERSIGN_HOME: '/home/sam/data', ...env }, '/home/sam');
  if ('problem' in found) throw new Error(found.problem);
  return found;
}
const onDatabase = (more: Record<string, string> = {}) => settings({ COUNTERSIGN_DATABASE_URL: URL, ...more });

describe('the settings of a database', () => {
  it('are no variables that anything else can name', () => {
    const owner = 'postgres://owner:hunter2@localhost:6000/work';
    const found = onDatabase({ COUNTERSIGN_DATABASE_OWNER_URL: owner });
    expect(found.database).toEqual({ url: URL, ownerUrl: owner });
    expect(JSON.stringify(found.env)).not.toContain('hunter2');
  });

  it('count as none where they are empty, or a setting that a client left unfilled', () => {
    for (const url of ['', ' ', '${user_config.database}'])
      expect(settings({ COUNTERSIGN_DATABASE_URL: url }).database).toBeUndefined();
    expect(settings({ COUNTERSIGN_DATABASE_OWNER_URL: URL }).database).toBeUndefined();
  });

  it('tell people where the data is, without the password', () => {
    expect(dataPlace(onDatabase())).toBe('postgres://app@localhost:6000/work');
    expect(dataPlace(settings({}))).toBe('/home/sam/data');
  });
});

describe('what keeps a process from its database', () => {
  it.each(['20.19.0', '22.11.0', '18.20.4'])('is Node %s', (version) => {
    expect(databaseLack(onDatabase(), version)).toContain(`needs Node 22.12 or later; this is ${version}`);
    expect(databaseLack(settings({}), version)).toBeUndefined();
  });

  it.each(['22.12.0', '23.0.0', '24.1.0'])('is not Node %s', (version) => {
    expect(databaseLack(onDatabase(), version)).toBeUndefined();
  });

  it('is a URL that leads elsewhere unencrypted, and the variable is named', () => {
    const away = 'postgres://app:hunter2@db.example/work';
    const lack = databaseLack(onDatabase({ COUNTERSIGN_DATABASE_OWNER_URL: away }), '24.0.0');
    expect(lack).toContain('COUNTERSIGN_DATABASE_OWNER_URL: The URL of the database leads to another machine');
    expect(databaseLack(settings({ COUNTERSIGN_DATABASE_URL: away }), '24.0.0')).toContain(
      'COUNTERSIGN_DATABASE_URL: ',
    );
    expect(lack).not.toContain('hunter2');
  });
});
