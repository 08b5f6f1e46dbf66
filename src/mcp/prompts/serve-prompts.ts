import type { GetPromptResult, McpServer } from '@modelcontextprotocol/server';
import { invalid } from '../../domain/base/errors.ts';
import { isObject } from '../../domain/base/json.ts';
import type { House } from '../../engine/base/house.ts';
import { type Given, type Prompt, promptText } from '../define-prompt.ts';
import { protocolError } from '../resources.ts';
import { shownSchema } from '../schema.ts';
import { PROMPTS } from './index.ts';

const LONGEST_ARGUMENT = 10_000;

/** The prompts whose tools are all offered. */
export function promptsFor(offered: ReadonlySet<string>): Prompt[] {
  return PROMPTS.filter(({ needs }) => needs.every((tool) => offered.has(tool)));
}

function argumentsSchema(prompt: Prompt): Record<string, unknown> {
  const fields = prompt.arguments.map(({ name, description }) => [name, { type: 'string', description }]);
  const required = prompt.arguments.filter((argument) => argument.required).map(({ name }) => name);
  return { type: 'object', properties: Object.fromEntries(fields), required };
}

/** The arguments of a prompt that were filled in: clients send an empty text for one that a person left empty. */
function givenTo(prompt: Prompt, args: unknown): Given {
  const known = prompt.arguments.map(({ name }) => name);
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(isObject(args) ? args : {})) {
    if (!known.includes(name))
      throw invalid(`${prompt.name} has no argument "${name.slice(0, 100)}". It takes ${known.join(', ')}.`);
    const text = String(value).trim();
    if (text.length > LONGEST_ARGUMENT)
      throw invalid(`${name} is ${text.length} characters long; ${prompt.name} takes at most ${LONGEST_ARGUMENT}.`);
    if (text !== '') given[name] = text;
  }
  for (const { name, required, description } of prompt.arguments)
    if (required && given[name] === undefined) throw invalid(`${prompt.name} needs ${name}: ${description}.`);
  return given;
}

export function registerPrompts(
  server: McpServer,
  prompts: readonly Prompt[],
  house: House,
  offered: ReadonlySet<string>,
): void {
  for (const prompt of prompts) {
    const { name, title, description } = prompt;
    const argsSchema = shownSchema(() => argumentsSchema(prompt));
    server.registerPrompt(name, { title, description, argsSchema }, async (args): Promise<GetPromptResult> => {
      try {
        const text = promptText(prompt, await prompt.brief(givenTo(prompt, args), house), offered);
        return { description, messages: [{ role: 'user', content: { type: 'text', text } }] };
      } catch (error) {
        throw protocolError(error, house.deps, { prompt: name });
      }
    });
  }
}
