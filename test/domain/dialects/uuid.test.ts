import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createIds } from '../../../src/domain/base/ids.ts';
import { idFrom, isUuid, uuidOf } from '../../../src/domain/dialects/mapping/uuid.ts';

describe('an id as a UUID', () => {
  const newId = createIds(() => new Date(1_795_000_000_000));

  it('leads back to the id, and sorts as ids do', () => {
    const ids = Array.from({ length: 200 }, () => newId('ag'));
    const uuids = ids.map(uuidOf);
    for (const uuid of uuids) expect(z.uuid().safeParse(uuid).success).toBe(true);
    expect(uuids.map((uuid) => idFrom(uuid, 'ag'))).toEqual(ids);
    expect(uuids.toSorted()).toEqual(uuids);
    expect(idFrom(uuids[0]?.toUpperCase() ?? '', 'ag')).toBe(ids[0]);
  });

  it('of any time and chance leads back', () => {
    const character = fc.constantFrom(...'0123456789abcdefghjkmnpqrstvwxyz');
    fc.assert(
      fc.property(fc.array(character, { minLength: 17, maxLength: 17 }), (code) => {
        const id = `th_${code.join('')}`;
        expect(idFrom(uuidOf(id), 'th')).toBe(id);
      }),
    );
  });

  it('is none of another kind, and a UUID from elsewhere is no id', () => {
    expect(idFrom(uuidOf(newId('ag')), 'th')).toBeUndefined();
    for (let count = 0; count < 200; count++) expect(idFrom(randomUUID(), 'ag')).toBeUndefined();
    for (const text of ['', 'ag_1', 'nonsense', `${randomUUID()}0`]) expect(idFrom(text, 'ag')).toBeUndefined();
  });

  it('stays as it is where it is a UUID already', () => {
    const uuid = randomUUID();
    expect(uuidOf(uuid.toUpperCase())).toBe(uuid);
    expect(isUuid(uuid)).toBe(true);
    expect(isUuid('th_1')).toBe(false);
    expect(isUuid(uuidOf('any other text'))).toBe(true);
  });
});
