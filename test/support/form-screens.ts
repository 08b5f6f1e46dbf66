import type { Form } from './person.ts';

/** What a client draws of a form, and what it answers where a person presses Enter and nothing else. */
export type Screen = { client: string; draw: (form: Form) => string; enter: (form: Form) => object };

const COLUMNS = 80;
const HEAD_ROWS = 3;

function rows(text: string): string[] {
  return text.split('\n').flatMap((line) => line.match(new RegExp(`.{1,${COLUMNS}}`, 'gu')) ?? ['']);
}

function fieldOf(form: Form): { title: string; description: string; enum: string[]; default?: string } {
  return form.requestedSchema.properties.decision;
}

const accepted = (content: object) => ({ action: 'accept', content });

/** What the field's first value does where the cursor stands on it from the start. */
function chosenFirst(form: Form): object {
  const { enum: values } = fieldOf(form);
  return accepted({ decision: values[0] });
}

/** As tried with the clients of November 2026. */
export const SCREENS: readonly Screen[] = [
  {
    client: 'Claude Code',
    // The message is cut to three rows for good; a field's description is shown whole.
    draw: (form) => [...rows(form.message).slice(0, HEAD_ROWS), fieldOf(form).description].join('\n'),
    enter: () => accepted({}),
  },
  {
    client: 'Codex',
    draw: (form) => [form.message, fieldOf(form).description, ...fieldOf(form).enum].join('\n'),
    enter: chosenFirst,
  },
  {
    client: 'Copilot',
    draw: (form) => [form.message, fieldOf(form).description, ...fieldOf(form).enum, 'Other'].join('\n'),
    enter: (form) => accepted({ decision: fieldOf(form).default ?? fieldOf(form).enum[0] }),
  },
];

/** What a screen shows, without indents and line breaks. */
export function words(text: string): string {
  return text.split(/\s+/).join(' ');
}
