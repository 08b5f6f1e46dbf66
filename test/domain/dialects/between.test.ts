import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentSettings } from '../../../src/domain/agents/mandate.ts';
import { readOwn, writeOwn } from '../../../src/domain/dialects/countersign.ts';
import { DIALECTS, dialectFor } from '../../../src/domain/dialects/index.ts';
import { readAgent } from '../../../src/domain/dialects/mapping/body.ts';
import { DIALECT_NAMES } from '../../../src/domain/dialects/mapping/dialect.ts';
import { originOf } from '../../../src/domain/dialects/mapping/origin.ts';
import { writeAgent } from '../../../src/domain/dialects/mapping/writing.ts';
import { madeAgent } from '../../../src/engine/agents/fields.ts';
import { cases, PATIENCE } from '../../support/property.ts';
import { AT, anAgent, BODIES } from './bodies.ts';

const terms = { hasIdentity: () => false };
/** Agents that came by any dialect. */
const agents = fc.oneof(
  ...DIALECT_NAMES.map((name) =>
    BODIES[name].map((body) => {
      const reading = readAgent(dialectFor(name), body, 'document', terms);
      return anAgent(reading.fields, { origin: originOf(dialectFor(name), reading) });
    }),
  ),
);

describe('the dialects', () => {
  it('are those that formats are named by', () => {
    expect(DIALECTS.map(({ name }) => name)).toEqual(DIALECT_NAMES);
  });
});

describe.each(DIALECT_NAMES)('any agent, written for %s', (name) => {
  it('is a body that can be read there, and every setting is in it or named', { timeout: PATIENCE }, () => {
    const dialect = dialectFor(name);
    fc.assert(
      fc.property(agents, (agent) => {
        const { payload, not_carried } = writeAgent(dialect, agent);
        const { fields } = readAgent(dialect, payload, 'document', terms);
        const again = agentSettings(anAgent(fields));
        const told = new Set(not_carried.map(({ path }) => path));
        // The names of models and the text of a playbook are said in the dialect's own way.
        const own = ['status', 'llm_config.provider', 'llm_config.model', 'playbook.playbook_md', 'playbook.config'];
        for (const [path, value] of Object.entries(agentSettings(agent))) {
          if (own.includes(path) || told.has(path)) continue;
          expect(again[path], path).toEqual(value);
        }
      }),
      cases(200),
    );
  });
});

describe('any agent, written in our own format', () => {
  it('comes back whole, where it came from included', { timeout: PATIENCE }, () => {
    fc.assert(
      fc.property(agents, agents, (before, after) => {
        const newest = { ...after, version: 2 };
        const { payload, not_carried } = writeOwn(newest, [before, newest]);
        expect(not_carried).toEqual([]);
        const { fields, origin, version, versions } = readOwn(JSON.parse(JSON.stringify(payload)), terms);
        const stamp = { id: newest.id, by: newest.created_by, at: AT, owner: 'owner', team: 1 };
        const made = madeAgent(fields, { origin, imported: { version, versions } }, stamp);
        expect(made.agent).toEqual(newest);
        expect(made.versions).toEqual([{ ...before, origin: newest.origin }, newest]);
      }),
      cases(200),
    );
  });
});
