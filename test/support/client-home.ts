import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type Change, installedChange, makeChange, uninstalledChange } from '../../src/install/change.ts';
import type { Launch } from '../../src/install/client-parts.ts';
import { CLIENTS } from '../../src/install/clients.ts';
import type { UserPlace } from '../../src/install/places.ts';
import { removeFolder } from './folders.ts';

export const LAUNCH: Launch = {
  name: 'countersign',
  node: '/opt/node/bin/node',
  script: '/opt/countersign/dist/countersign.js',
  env: {},
  unlessSet: { COUNTERSIGN_HOME: '/data/it', COUNTERSIGN_ALLOW_DIRS: '.:/data/Downloads' },
};

/** A home directory of somebody who has one client, with what `countersign install` does in it. */
export function aClientHome(id: string, { env = {}, launch = LAUNCH, platform = 'linux' }: Options = {}) {
  const home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'client-home-')));
  onTestFinished(() => removeFolder(home));
  const place: UserPlace = { platform, home, env };
  const client = CLIENTS.find((each) => each.id === id);
  if (client === undefined) throw new Error(`no client ${id}`);
  const change = async (plan: typeof installedChange, by: Launch) => {
    const changes: Change[] = [];
    for (const part of client.parts(place, by)) {
      const made = await plan(part, by.name);
      if (made !== undefined) changes.push(made);
    }
    for (const each of changes) makeChange(each, home);
    return changes;
  };
  const write = (file: string, text: string | Buffer, mode = 0o644) => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text, { mode });
  };
  return {
    home,
    files: () => client.parts(place, launch).map(({ file }) => file),
    install: (by = launch) => change(installedChange, by),
    uninstall: (by = launch) => change(uninstalledChange, by),
    write,
    read: (file: string) => fs.readFileSync(file, 'utf8'),
    /** Every file below the home directory, by its path, with its bytes and mode. */
    everything: () =>
      Object.fromEntries(
        fs
          .readdirSync(home, { recursive: true, encoding: 'utf8' })
          .filter((name) => fs.lstatSync(path.join(home, name)).isFile())
          .map((name) => [
            name,
            `${fs.statSync(path.join(home, name)).mode.toString(8)} ${fs.readFileSync(path.join(home, name), 'latin1')}`,
          ]),
      ),
  };
}

type Options = { env?: UserPlace['env']; launch?: Launch; platform?: NodeJS.Platform };
