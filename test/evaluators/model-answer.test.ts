import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { readAnswer, shapeProblem } from '../../src/evaluators/model-answer.ts';

const WHOLE = { reasoning: 'Because.', proposed_actions: [{ type: 'note', params: { body: 'Hi {there}' } }] };
const JSON_TEXT = JSON.stringify(WHOLE);

describe('reading an answer', () => {
  it.each([
    ['plain', JSON_TEXT],
    ['indented', JSON.stringify(WHOLE, null, 2)],
    ['fenced', `\`\`\`json\n${JSON_TEXT}\n\`\`\``],
    ['amid prose', `Sure! Here is {my} answer:\n\n${JSON_TEXT}\n\nAnything else? {}`],
    ['after thinking aloud', `<think>{"a": 1} and {"reasoning": "no"}</think>${JSON_TEXT}`],
    ['with more than was asked', JSON.stringify({ ...WHOLE, confidence: 1 })],
    [
      'params as a string',
      JSON.stringify({ ...WHOLE, proposed_actions: [{ type: 'note', params: '{"body":"Hi {there}"}' }] }),
    ],
  ])('understands it %s', (_how, text) => {
    expect(readAnswer(text)).toEqual({ evaluation: WHOLE });
  });

  it.each([
    ['', 'empty'],
    ['I would rather not.', 'no JSON object'],
    ['{"reasoning": "cut of', 'no JSON object'],
    ['[1, 2]', 'no JSON object'],
    ['{"answer": 42}', 'neither reasoning nor proposed_actions'],
    ['{"proposed_actions": []}', 'reasoning has to be a string'],
    ['{"reasoning": "x"}', 'proposed_actions has to be an array'],
    ['{"reasoning": "x", "proposed_actions": {"type": "note"}}', 'proposed_actions has to be an array'],
    ['{"reasoning": "x", "proposed_actions": ["note"]}', 'proposed_actions[0] has to be'],
    ['{"reasoning": "x", "proposed_actions": [{"type": "note"}]}', 'proposed_actions[0].params has to be an object'],
    [`{"reasoning": "x", "proposed_actions": [${Array(21).fill('{"type":"note","params":{}}')}]}`, '20 is the most'],
    [
      `{"reasoning":"x","proposed_actions":[{"type":"note","params":{"a":${'['.repeat(90)}${']'.repeat(90)}}}]}`,
      'deeper than 64',
    ],
  ])('says what is wrong with %s', (text, problem) => {
    expect(readAnswer(text)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('gives garbage up after a few tries, however long it is', () => {
    const parse = vi.spyOn(JSON, 'parse');
    onTestFinished(() => parse.mockRestore());
    // To try each brace as the beginning of an object takes minutes for those that are never closed.
    for (const piece of ['{x}', '{', '{"', '"', '{"a":{', '[{', '}']) {
      expect(readAnswer(piece.repeat(400_000 / piece.length))).toEqual({ problem: 'it holds no JSON object' });
      // The whole text, and thirty objects in it.
      expect(parse.mock.calls.length, piece).toBeLessThanOrEqual(31);
      parse.mockClear();
    }
    expect(readAnswer('{'.repeat(5_000_000))).toEqual({ problem: 'it was longer than 2097152 characters' });
    expect(parse).not.toHaveBeenCalled();
  });

  it('checks the shape of what the agent may propose, and leaves the rest to the gate', () => {
    const allowed = new Set(['note']);
    expect(shapeProblem(WHOLE.proposed_actions, allowed)).toBeUndefined();
    expect(shapeProblem([{ type: 'note', params: { text: 'x' } }], allowed)).toContain('proposed_actions.0.params');
    expect(shapeProblem([{ type: 'email_message', params: {} }], allowed)).toBeUndefined();
    expect(shapeProblem([{ type: 'launch', params: {} }], allowed)).toBeUndefined();
  });
});
