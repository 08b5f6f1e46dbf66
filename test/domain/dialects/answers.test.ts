import { describe, expect, it } from 'vitest';
import { invalid } from '../../../src/domain/base/errors.ts';
import { converraAnswer } from '../../../src/domain/dialects/converra.ts';
import { dialectFor } from '../../../src/domain/dialects/index.ts';
import { makeAnswer, makeRow, makeRowShape } from '../../../src/domain/dialects/make.ts';
import { readAgent } from '../../../src/domain/dialects/mapping/body.ts';
import type { DialectName } from '../../../src/domain/dialects/mapping/dialect.ts';
import { originOf } from '../../../src/domain/dialects/mapping/origin.ts';
import { inWordsOf } from '../../../src/domain/dialects/mapping/soundness.ts';
import { idFrom } from '../../../src/domain/dialects/mapping/uuid.ts';
import { pathboundAnswer } from '../../../src/domain/dialects/pathbound.ts';
import { talkifaiAnswer, talkifaiRow, talkifaiRowShape } from '../../../src/domain/dialects/talkifai.ts';
import { AT, anAgent } from './bodies.ts';
import { CONVERRA_EXAMPLE, MAKE_BODY, PATHBOUND_EXAMPLE, TALKIFAI_PIPELINE, TALKIFAI_REALTIME } from './seeds.ts';

/** The agent that `POST` makes of a body. */
function made(name: DialectName, body: unknown) {
  const reading = readAgent(dialectFor(name), body, 'create', { hasIdentity: () => false });
  return anAgent(reading.fields, { origin: originOf(dialectFor(name), reading) });
}

/** Whether an answer has the shape that its dialect promises. */
function fits(name: DialectName, answer: unknown): void {
  expect(dialectFor(name).answer?.strict().safeParse(answer).error).toBeUndefined();
}

describe("what a product's GET answers", () => {
  it("is Converra's agent", () => {
    const answer = converraAnswer(made('converra', { ...CONVERRA_EXAMPLE, temperature: 0.5, maxTokens: 99 }));
    fits('converra', answer);
    expect(answer).toEqual({
      ...CONVERRA_EXAMPLE,
      ...{ id: 'ag_01k9zq3abc0000001', temperature: 0.5, maxTokens: 99 },
      ...{ status: 'draft', createdAt: AT, updatedAt: AT },
    });
  });

  it("is TalkifAI's agent, and its row in a list", () => {
    const agent = made('talkifai', TALKIFAI_PIPELINE);
    const answer = talkifaiAnswer(agent);
    fits('talkifai', answer);
    expect(answer).toEqual({
      ...TALKIFAI_PIPELINE,
      ...{
        id: agent.id,
        active: false,
        enabledFunctions: [],
        enabledCustomFunctions: [],
        createdAt: AT,
        updatedAt: AT,
      },
    });
    const realtime = talkifaiAnswer(made('talkifai', TALKIFAI_REALTIME));
    fits('talkifai', realtime);
    expect(realtime).not.toHaveProperty('model');
    expect(talkifaiRowShape.strict().parse(talkifaiRow(agent))).toEqual({
      ...{
        id: agent.id,
        name: 'Sales Bot',
        mode: 'private',
        agentArchitecture: 'pipeline',
        active: false,
        createdAt: AT,
      },
    });
  });

  it("is Make's agent, under a UUID that leads back, with what Make alone knows", () => {
    const agent = made('make', MAKE_BODY);
    const answer = makeAnswer(agent);
    fits('make', answer);
    const { outputParserFormat, ...rest } = MAKE_BODY;
    expect(answer).toEqual({ ...rest, id: answer.id, createdAt: AT, outputParser: outputParserFormat });
    expect(idFrom(answer.id, 'ag')).toBe(agent.id);
    expect(makeRowShape.strict().safeParse(makeRow(agent)).success).toBe(true);
  });

  it("is Pathbound's agent: ours under both names of its id, with the sender that is not here", () => {
    const agent = made('pathbound', { ...PATHBOUND_EXAMPLE, playbook_template: 'of_theirs' });
    expect(pathboundAnswer(agent)).toEqual({
      ...agent,
      ...{ _id: agent.id, identity_id: 'id_123', playbook_template: 'of_theirs' },
    });
  });

  it('is whole for an agent that was made here, without a model', () => {
    const native = anAgent({ name: 'Native', playbook: { rules: [{ name: 'r', propose: [] }] } });
    fits('converra', converraAnswer(native));
    fits('talkifai', talkifaiAnswer(native));
    fits('make', makeAnswer(native));
    expect(makeAnswer(native)).toMatchObject({ defaultModel: 'rules', systemPrompt: '', teamId: 1 });
  });
});

describe('an error of the engine', () => {
  it('is told in the words of the body', () => {
    const error = invalid("The agent can't be saved. playbook.playbook_md: blank; llm_config.model: needed.", {
      'playbook.playbook_md': 'blank',
      'llm_config.model': 'needed by architecture pipeline, as llm_config.model',
      'monitoring.filter': 'stays',
    });
    const told = inWordsOf(error, dialectFor('talkifai').pairs);
    expect(told.message).toBe("The agent can't be saved. systemPrompt: blank; model: needed.");
    expect(told.details).toEqual({
      systemPrompt: 'blank',
      model: 'needed by architecture pipeline, as model',
      'monitoring.filter': 'stays',
    });
  });
});
