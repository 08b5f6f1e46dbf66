import { describe, expect, it } from 'vitest';
import { ACTION_TYPES } from '../../../src/actions/index.ts';
import { IMPORT_FORMATS } from '../../../src/domain/import/formats.ts';
import { MODEL_PROVIDERS } from '../../../src/providers/index.ts';
import { importsOf, sources, textOf } from '../../support/house-plan.ts';

/** Templates of playbooks: they name the actions that they propose, as a person's own playbook does. */
const PLAYBOOKS = 'src/domain/templates/';

/** Lines of code outside these folders that hold one of the names as a whole string. */
function naming(names: readonly string[], ...rooms: string[]): string[] {
  const quoted = new RegExp(`(['"])(${names.join('|')})\\1`);
  return sources()
    .filter((file) => ![...rooms, PLAYBOOKS].some((room) => file.startsWith(room)))
    .flatMap((file) =>
      textOf(file)
        .split('\n')
        .filter((line) => quoted.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
}

describe('the names in one entry', () => {
  it('of an action type stand in no other code', () => {
    const types = ACTION_TYPES.map(({ type }) => type);
    expect(naming(types, 'src/actions/')).toEqual([]);
    const own = new RegExp(`^src/actions/(${types.map((type) => type.replaceAll('_', '-')).join('|')})\\.ts$`);
    const importers = sources().filter((file) => importsOf(file).some((target) => own.test(target)));
    expect(importers).toEqual(['src/actions/index.ts']);
  });

  it('of a model provider stand in no other code', () => {
    const names = MODEL_PROVIDERS.flatMap(({ name, keys, keyHeader }) => [name, ...keys, keyHeader]);
    expect(naming(names, 'src/providers/')).toEqual([]);
  });

  it('of an import format stand in no other code', () => {
    // csv and json name other things too, such as the formats in which the decision log is exported.
    const names = IMPORT_FORMATS.map(({ name }) => name).filter((name) => name !== 'csv' && name !== 'json');
    expect(naming(names, 'src/domain/import/', 'src/commands/audit.ts')).toEqual([]);
  });
});
