import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialectFor } from '../../../src/domain/dialects/index.ts';
import { readAgent } from '../../../src/domain/dialects/mapping/body.ts';
import { DIALECT_NAMES } from '../../../src/domain/dialects/mapping/dialect.ts';
import { originOf } from '../../../src/domain/dialects/mapping/origin.ts';
import { writeAgent } from '../../../src/domain/dialects/mapping/writing.ts';
import { cases, PATIENCE } from '../../support/property.ts';
import { anAgent, BODIES } from './bodies.ts';

const terms = { hasIdentity: (id: string) => id === 'id_here' };

describe.each(DIALECT_NAMES)('a body of %s', (name) => {
  const dialect = dialectFor(name);

  it('comes back from an agent as it was, but for what is named as not carried', { timeout: PATIENCE }, () => {
    fc.assert(
      fc.property(BODIES[name], (body) => {
        const before = structuredClone(body);
        const reading = readAgent(dialect, body, 'document', terms);
        expect(body).toEqual(before);
        const agent = anAgent(reading.fields, { origin: originOf(dialect, reading) });
        const { payload } = writeAgent(dialect, agent);
        expect(reading.not_carried).toEqual([]);
        expect(payload).toEqual(body);
      }),
      cases(400),
    );
  });
});
