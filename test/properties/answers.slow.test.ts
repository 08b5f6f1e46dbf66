import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '../../src/evaluators/model-answer.ts';
import { withoutReasoning } from '../../src/evaluators/without-reasoning.ts';
import { cases, PATIENCE } from '../support/property.ts';

const proposing = (body: string) =>
  JSON.stringify({ reasoning: 'r', proposed_actions: [{ type: 'note', params: { body } }] });
const NEVER = proposing('NEVER');

const NAMES = ['think', 'THINK', 'thinking', 'Thought', 'reasoning', 'reflection', 'inner_monologue', 'analysis'];
/** Words around an answer, some of which look like markers and braces, and none of which is an action. */
const words = fc.oneof(
  fc.constantFrom('', ' ', '\n', 'so', '"', "'", '`', '```json\n', '```', '{x}', '{{ a.b }}', '[1]', '}', '{"a":1}'),
  fc.string({ maxLength: 8 }).filter((text) => !/[<>{}◁▷[\]&]/.test(text)),
);
/** What may stand inside reasoning or inside another object: words, and the action that must never come out. */
const inner = fc.array(fc.oneof(words, fc.constant(NEVER), fc.constant('{'), fc.constant('</b>')), { maxLength: 5 });

const reasoned = fc
  .tuple(fc.constantFrom(...NAMES), fc.constantFrom('', ' a="1"'), inner, inner)
  .chain(([name, attributes, before, after]) =>
    fc.constantFrom(
      `<${name}${attributes}>${before.join('')}${NEVER}${after.join('')}</${name}>`,
      `<${name}><${name}>${before.join('')}</${name}>${NEVER}${after.join('')}</${name}>`,
    ),
  );
const nested = fc.constantFrom(
  `{"draft":${NEVER}}`,
  `{"drafts":[${NEVER},${NEVER}]}`,
  JSON.stringify({ said: NEVER }),
  JSON.stringify({ reasoning: `he wrote ${NEVER}`, deeper: { proposed_actions: NEVER } }),
  `{"reasoning":"he wrote "x} ${NEVER}`,
  `{"unfinished": ${NEVER}`,
  `{'draft': ${NEVER}}`,
);
const spoken = fc.constantFrom(proposing('SAID'), `\n\`\`\`json\n${proposing('SAID')}\n\`\`\`\n`);
const whole = fc.array(fc.oneof({ weight: 3, arbitrary: words }, reasoned, nested, spoken), { maxLength: 8 });

/** Every interleaving: an opening tag may stand before all of it, or a closing one behind a part of it. */
const text = fc
  .tuple(whole, whole, fc.constantFrom('', '<think>', '<|channel|>analysis<|message|>'), fc.boolean())
  .map(([first, second, opening, isClosed]) =>
    opening === '' && isClosed
      ? `${first.join('')}${NEVER}</think>${second.join('')}`
      : `${first.join('')}${opening}${opening === '' ? '' : NEVER}${second.join('')}`,
  );

describe('an answer of any shape', () => {
  it('lets no action out of reasoning or out of another object', { timeout: PATIENCE }, () => {
    let answers = 0;
    fc.assert(
      fc.property(text, (given) => {
        const read = readAnswer(given);
        if ('problem' in read) return;
        answers += 1;
        expect(JSON.stringify(read.evaluation.proposed_actions)).not.toContain('NEVER');
      }),
      cases(3_000),
    );
    expect(answers).toBeGreaterThan(100);
  });

  it('keeps nothing of reasoning in a reply', { timeout: PATIENCE }, () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(words, reasoned), { maxLength: 6 }), (pieces) => {
        expect(withoutReasoning(pieces.join('')).text).not.toContain('NEVER');
      }),
      cases(1_000),
    );
  });
});
