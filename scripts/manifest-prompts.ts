import { type Prompt, promptText } from '../src/mcp/define-prompt.ts';
import { TOOLS } from '../tools/index.ts';

/** A prompt as the bundle's manifest lists it: its text has `${arguments.NAME}` where an argument is filled in. */
export function manifestPrompt(prompt: Prompt): {
  name: string;
  description: string;
  arguments: string[];
  text: string;
} {
  const names = prompt.arguments.map(({ name }) => name);
  const ids = Object.fromEntries(names.map((name) => [name, `\${arguments.${name}}`]));
  const offered = new Set(TOOLS.map((tool) => tool.name));
  const text = promptText(prompt, { ids, facts: ids }, offered);
  return { name: prompt.name, description: prompt.description, arguments: names, text };
}
