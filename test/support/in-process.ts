import { onTestFinished } from 'vitest';
import type { Deps } from '../../src/domain/base/deps.ts';
import { createIds } from '../../src/domain/base/ids.ts';
import type { House } from '../../src/engine/base/house.ts';
import { NOBODY } from '../../src/mcp/forms/prove.ts';
import { resultText } from '../../src/mcp/result.ts';
import { inputJson } from '../../src/mcp/schema.ts';
import { closeHouse, createHouse } from '../../src/process/house.ts';
import { TOOLS } from '../../tools/index.ts';
import { aHome, testDeps } from './fixtures.ts';
import { aStore } from './store.ts';

// A tool's result is any JSON, so its type is JSON.parse's: a test checks by its expectations what it relies on.
type Facts = ReturnType<typeof JSON.parse>;

export type InProcess = {
  home: string;
  house: House;
  /** Calls a tool, and gives its result as a client reads it. */
  call: (name: string, args?: Record<string, unknown>) => Promise<Facts>;
  /** A tool as a client lists it. */
  listed: (name: string) => Facts;
};

function toolNamed(name: string) {
  const tool = TOOLS.find((each) => each.name === name);
  if (!tool) throw new Error(`no tool is named ${name}`);
  return tool;
}

/**
 * The tools over a house in this process, closed when the test is over. For tests that add an entry to a list of the
 * code, which the built server doesn't have.
 */
export function inProcess(overrides: Partial<Deps> = {}): InProcess {
  const home = aHome();
  const now = () => new Date();
  const deps: Deps = { ...testDeps(home), now, newId: createIds(now), ...overrides };
  const house = createHouse(aStore(home, deps), deps);
  onTestFinished(() => closeHouse(house));
  const nobody = {
    house,
    by: 'tester',
    signal: new AbortController().signal,
    asking: NOBODY,
    onProgress: () => undefined,
    onMessage: () => undefined,
    onStep: () => undefined,
  };
  return {
    home,
    house,
    call: async (name, args = {}) => JSON.parse(resultText(await toolNamed(name).run(args, nobody))),
    listed(name) {
      const tool = toolNamed(name);
      return { description: tool.description, inputSchema: inputJson(tool) };
    },
  };
}
