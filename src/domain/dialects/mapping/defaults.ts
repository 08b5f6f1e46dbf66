import type { Agent } from '../../agents/agent.ts';
import { TEMPLATES } from '../../templates/index.ts';
import type { PlaybookTemplate } from '../../templates/template.ts';

/** What an agent's field is where nobody sets it, by its path. A field that isn't here has no default. */
const UNSET: Readonly<Record<string, unknown>> = {
  tags: [],
  enabled_functions: [],
  custom_functions: [],
  language: 'en',
  visibility: 'private',
  'monitoring.filter': {},
  'monitoring.max_contacts_per_run': 25,
};

export function templateNamed(name: unknown): PlaybookTemplate | undefined {
  return TEMPLATES.find((template) => template.name === name);
}

/** What a field is where nobody sets it, in an agent of this template. */
export function unsetValue(path: string, template: PlaybookTemplate | undefined): unknown {
  if (path === 'capabilities') return template?.capabilities ?? [];
  return Object.hasOwn(UNSET, path) ? UNSET[path] : undefined;
}

/** The playbook of an agent that a body made without one, and of one that has rules alone where a prompt is required. */
export const NO_PLAYBOOK = 'No playbook has been written for this agent yet. Propose no action.';

/** The playbook's text as a dialect with nothing but a prompt has it. */
export function writtenPrompt({ playbook }: Agent): string {
  return playbook.playbook_md.trim() === '' ? NO_PLAYBOOK : playbook.playbook_md;
}
