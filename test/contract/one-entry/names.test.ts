import { describe, expect, it } from 'vitest';
import { ACTION_TYPES } from '../../../src/actions/index.ts';
import { IMPORT_FORMATS } from '../../../src/domain/import/formats.ts';
import { MODEL_PROVIDERS } from '../../../src/providers/index.ts';
import { importsOf, sources, textOf } from '../../support/house-plan.ts';

/** Playbooks that people start from: they propose actions by name, as a person's own would. */
const PLAYBOOKS = 'src/domain/templates/';

/** Lines of code outside a room that hold one of these names as a text of its own. */
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

describe('what stands in one entry', () => {
  it('is not said of action types anywhere else', () => {
    const types = ACTION_TYPES.map(({ type }) => type);
    expect(naming(types, 'src/actions/')).toEqual([]);
    const own = new RegExp(`^src/actions/(${types.map((type) => type.replaceAll('_', '-')).join('|')})\\.ts$`);
    const importers = sources().filter((file) => importsOf(file).some((target) => own.test(target)));
    expect(importers).toEqual(['src/actions/index.ts']);
  });

  it('is not said of model providers anywhere else', () => {
    const names = MODEL_PROVIDERS.flatMap(({ name, keys, keyHeader }) => [name, ...keys, keyHeader]);
    expect(naming(names, 'src/providers/')).toEqual([]);
  });

  it('is not said of import formats anywhere else', () => {
    // csv and json are words of other things too, and the export of the decision log has formats of its own.
    const names = IMPORT_FORMATS.map(({ name }) => name).filter((name) => name !== 'csv' && name !== 'json');
    expect(naming(names, 'src/domain/import/', 'src/commands/audit.ts')).toEqual([]);
  });
});
