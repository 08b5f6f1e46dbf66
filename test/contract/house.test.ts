import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { circlesIn, FLOORS, floorOf, importsOf, namesOf, ROOT, sources, textOf } from '../support/house-plan.ts';

const MOST_FILES = 20;
const CATCH_ALLS = /(^|\/)(utils?|helpers?|common|shared|misc|lib)(\/|$)/;
const files = sources();

function offences(fault: (file: string) => string[]): string[] {
  return files.flatMap(fault);
}

describe('the house', () => {
  it('has a floor for every folder, and no floor for a folder that is not there', () => {
    expect(files.filter((file) => floorOf(file) === -1)).toEqual([]);
    const used = new Set(files.map((file) => FLOORS[floorOf(file)]));
    expect(FLOORS.filter((floor) => !used.has(floor))).toEqual([]);
  });

  it('imports only downwards', () => {
    const wrong = offences((file) =>
      importsOf(file)
        .filter((target) => floorOf(target) > floorOf(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has no circle of files, and none of folders', () => {
    const byFile = new Map(files.map((file) => [file, importsOf(file)]));
    const placeOf = (file: string) => FLOORS[floorOf(file)] ?? file;
    const byFolder = new Map<string, string[]>();
    for (const [file, targets] of byFile) {
      const others = targets.map(placeOf).filter((place) => place !== placeOf(file));
      byFolder.set(placeOf(file), [...(byFolder.get(placeOf(file)) ?? []), ...others]);
    }
    expect(circlesIn(byFile)).toEqual([]);
    expect(circlesIn(byFolder)).toEqual([]);
  });

  it(`has at most ${MOST_FILES} files directly in a folder below src, and no folder for everything`, () => {
    const counts = new Map<string, number>();
    for (const file of files) counts.set(path.dirname(file), (counts.get(path.dirname(file)) ?? 0) + 1);
    const crowded = [...counts].filter(([folder, count]) => folder.startsWith('src') && count > MOST_FILES);
    expect(crowded).toEqual([]);
    expect([...counts.keys()].filter((folder) => CATCH_ALLS.test(folder))).toEqual([]);
  });

  it('has tools that import no other tool and no store', () => {
    const wrong = files
      .filter((file) => file.startsWith('tools/') && file !== 'tools/index.ts')
      .flatMap((file) =>
        importsOf(file).filter((target) => target.startsWith('tools/') || target.startsWith('src/store/')),
      );
    expect(wrong).toEqual([]);
  });

  it("shows a store's inside to nobody but the store and the process that opens it", () => {
    const wrong = offences((file) =>
      file.startsWith('src/store/') || file.startsWith('src/process/')
        ? []
        : importsOf(file)
            .filter((target) => target.startsWith('src/store/json/'))
            .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps the domain away from clock, disk and network', () => {
    const world = /node:(fs|http|https|child_process)|Date\.now\(\)|new Date\(\)|process\.env/;
    expect(files.filter((file) => file.startsWith('src/domain/') && world.test(textOf(file)))).toEqual([]);
  });

  it('has no way around the type checker', () => {
    const wayAround =
      /\bas (?!const\b)(any|unknown|never|[A-Z][A-Za-z]*)(?=[;,)\]}<[&|]|$)|: any\b|<any>|@ts-(ignore|expect-error|nocheck)/;
    const wrong = offences((file) =>
      textOf(file)
        .split('\n')
        .filter((line) => wayAround.test(line) && !/^\s*(import|export|\/?\*|\/\/)/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
    expect(wrong).toEqual([]);
  });

  it('has files of at most 250 lines', () => {
    expect(files.filter((file) => textOf(file).trimEnd().split('\n').length > 250)).toEqual([]);
  });

  it('has one meaning for each exported name: no other file declares it too', () => {
    const places = new Map<string, { file: string; isExported: boolean }[]>();
    for (const file of files)
      for (const { name, isExported } of namesOf(file))
        places.set(name, [...(places.get(name) ?? []), { file, isExported }]);
    const shared = [...places].filter(([, found]) => found.length > 1 && found.some(({ isExported }) => isExported));
    expect(shared.map(([name, found]) => `${name}: ${found.map(({ file }) => file).join(', ')}`)).toEqual([]);
  });

  it('exports no value that nothing imports', () => {
    const around = ['test', 'scripts', 'bench'].flatMap((folder) =>
      fs
        .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|mjs)$/.test(name) && !name.includes('node_modules'))
        .map((name) => path.join(folder, name)),
    );
    const imported = new Set(
      [...files, ...around].flatMap((file) =>
        [...textOf(file).matchAll(/\{([^{}]*)\}\s*(?:from|= await import\()/g)].flatMap(([, names = '']) =>
          names.split(',').map(
            (name) =>
              name
                .trim()
                .replace(/^type /, '')
                .split(/ as |:/)[0],
          ),
        ),
      ),
    );
    const values = /^export (?:async )?(?:function\*?|const|let|class) ([A-Za-z0-9_$]+)/gm;
    const dead = offences((file) =>
      [...textOf(file).matchAll(values)]
        .filter(([, name]) => !imported.has(name))
        .map(([, name]) => `${file}: ${name}`),
    );
    expect(dead).toEqual([]);
  });
});
