import { invalid } from '../../domain/base/errors.ts';
import { writeOwn } from '../../domain/dialects/countersign.ts';
import { dialectFor } from '../../domain/dialects/index.ts';
import type { BodyFields, NotCarried } from '../../domain/dialects/mapping/dialect.ts';
import { type AgentFormat, OWN_FORMAT } from '../../domain/dialects/mapping/formats.ts';
import { writeAgent } from '../../domain/dialects/mapping/writing.ts';
import type { House } from '../base/house.ts';
import { findAgent } from '../base/lookup.ts';
import { testSetOf } from './test-set.ts';

export type ExportedAgent = { format: AgentFormat; payload: BodyFields; not_carried: NotCarried[] };

/**
 * An agent as a body of another product, or in our own format. It never holds a key or a secret.
 *
 * @throws AppError NOT_FOUND where there is no such agent, VALIDATION_ERROR where decisions are wanted in another format
 */
export async function exportAgent(
  house: House,
  { agent_id, format, decisions }: { agent_id: string; format: AgentFormat; decisions: boolean },
): Promise<ExportedAgent> {
  if (decisions && format !== OWN_FORMAT)
    throw invalid(`Only the format "${OWN_FORMAT}" holds decisions. Leave decisions out, or choose that format.`, {
      decisions: `not in ${format}`,
    });
  const { agent, versions } = await house.read((view) => {
    const found = findAgent(view, agent_id);
    return { agent: found, versions: [...view.agentFile(found.id).versions] };
  });
  if (format !== OWN_FORMAT) return { format, ...writeAgent(dialectFor(format), agent) };
  const { payload, not_carried } = writeOwn(agent, versions);
  if (!decisions) return { format, payload, not_carried };
  const cases = await testSetOf(house, { agent, versions });
  return {
    format,
    payload: { ...payload, decisions: cases.decisions },
    not_carried: [...not_carried, ...cases.not_carried],
  };
}
