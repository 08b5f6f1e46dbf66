import { describe, expect, it } from 'vitest';
import { orElsewhere, waysInWords, waysOf } from '../../src/engine/gate/ways.ts';

const ROW = { run_id: 'run_1', contact_id: 'a/b c', action_index: 2 };
const COMMANDS = { reviewCommand: 'node cs review', resumeCommand: 'node cs resume' };

describe('the ways in which a person decides', () => {
  it('begin with the desk: the tool that opens it here, or the link of the very row or change', () => {
    expect(waysOf({ ...COMMANDS, deskWay: 'open_desk' }, { at: ROW })).toEqual(['open_desk', 'node cs review']);
    const served = { ...COMMANDS, deskWay: 'https://agents.example.com' };
    expect(waysOf(served, { at: ROW })).toEqual([
      'https://agents.example.com/#row=run_1/a%2Fb%20c/2',
      'node cs review',
    ]);
    expect(waysOf(served, { at: { change_id: 'ch_1' } })[0]).toBe('https://agents.example.com/#change=ch_1');
    expect(waysOf(served, { command: 'resume' })).toEqual(['https://agents.example.com/', 'node cs resume']);
  });

  it('are the desk alone where something has to be signed, or a bundle has no command', () => {
    expect(waysOf({ ...COMMANDS, deskWay: 'open_desk' }, { needed: 'signed' })).toEqual(['open_desk']);
    expect(waysOf({ deskWay: 'open_desk' })).toEqual(['open_desk']);
    expect(waysOf({})).toEqual([]);
  });

  it('are told in words to the person, and to a model that tells them', () => {
    const terms = { reviewCommand: 'node /home/your/cs review', deskWay: 'open_desk' };
    expect(waysInWords(terms, 'elicited')).toBe(
      'open the desk, a page in your browser (the tool open_desk opens it), or run `node /home/your/cs review` in a terminal of your own, or use a program that shows you the forms of Countersign',
    );
    expect(waysInWords(terms, 'human', { whose: 'their' })).toBe(
      'open the desk, a page in their browser (the tool open_desk opens it), or run `node /home/your/cs review` in a terminal of their own',
    );
    expect(waysInWords(terms, 'signed')).toBe(
      'sign it with your passkey: open the desk, a page in your browser (the tool open_desk opens it)',
    );
    expect(waysInWords({}, 'signed')).toContain('countersign open');
    expect(orElsewhere(waysOf(terms))).toBe(
      ', or open the desk, a page in their browser (the tool open_desk opens it), or run `node /home/your/cs review` in a terminal of their own',
    );
  });
});
