import { expect, it } from 'vitest';
import { understandReply } from '../../src/engine/chat/reply.ts';
import { anAgent, testDeps } from '../support/fixtures.ts';

it('a chat with an output_schema that an earlier edition took, and this one refuses, says so before a model is asked', async () => {
  const agent = anAgent({ output_schema: { $async: true, type: 'object' } });
  await expect(understandReply(testDeps(), agent, { told: new Set() })).rejects.toThrow(
    "Nothing was asked: the agent's output_schema can't be used: it uses $async, which isn't part of JSON Schema. Correct it with update_agent.",
  );
});
