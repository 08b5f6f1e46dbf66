import type { DeskApp } from '../base/desk.ts';
import type { Child } from '../base/jsx.ts';
import { Button, Form, sign, typedIn } from '../base/parts.tsx';
import { dropDraft, saveEdit } from './edit.ts';
import type { ActionItem } from './items.ts';
import { Differences } from './letter.tsx';

const LABELS: Record<string, string> = { subject: 'Subject', message: 'Message', html: 'HTML version' };

type FieldProps = { desk: DeskApp; name: string; text: string; isFirst: boolean };

function Field({ desk, name, text, isFirst }: FieldProps): Child {
  const id = `field-${name}`;
  const shared = {
    id,
    value: text,
    oninput: (event: Event) => {
      const { draft } = desk.state;
      if (draft) draft.fields[name] = typedIn(event);
      desk.redraw();
    },
    placed: (element: HTMLElement) => {
      if (isFirst) element.focus();
    },
  };
  const rows = String(Math.min(24, 2 + text.split('\n').length + Math.floor(text.length / 90)));
  return (
    <div class="field" key={name}>
      <label class="label" for={id}>
        {LABELS[name] ?? name}
      </label>
      {name === 'subject' ? <input {...shared} /> : <textarea rows={rows} {...shared} />}
    </div>
  );
}

/** The letter as a person writes over it, and the difference to the proposal. */
export function Editor({ desk, item }: { desk: DeskApp; item: ActionItem }): Child {
  const { fields = {}, problem } = desk.state.draft ?? {};
  const named = Object.entries(fields);
  const first = fields.message === undefined ? named[0]?.[0] : 'message';
  const save = () => void saveEdit(desk, item);
  return (
    <section
      class="paper editing"
      aria-label="Edit what will be sent"
      onkeydown={(event) => {
        if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        save();
      }}
    >
      <Form act={save}>
        {named.map(([name, text]) => (
          <Field desk={desk} name={name} text={text} isFirst={name === first} />
        ))}
        {problem && (
          <p class="red-text" role="alert">
            {sign('⚠')} {problem}
          </p>
        )}
        <p class="buttons">
          <button type="submit" class="main">
            Save <kbd>Ctrl ↵</kbd>
          </button>
          <Button act={() => dropDraft(desk, item)} hint="Esc">
            Drop
          </Button>
        </p>
      </Form>
      <Differences before={item.row.params} after={fields} />
    </section>
  );
}
