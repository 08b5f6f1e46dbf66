import type { Child } from './jsx.ts';

/** A sign beside a word that says the same: screen readers read the word alone. */
export function sign(letters: Child, look?: string): Child {
  return (
    <span class={look} aria-hidden="true">
      {letters}
    </span>
  );
}

type ButtonProps = {
  act: () => void;
  /** The key that does the same. */
  hint?: string;
  /** `main` for the one thing to do now, `danger` for what may do harm, `quiet` or `link` for what stands aside. */
  look?: string;
  off?: boolean;
  children?: Child;
};

/** A button, with its key written on it. */
export function Button({ act, hint, look, off, children }: ButtonProps): Child {
  // The second click of two in a row would decide on what came in the place of the first.
  const onclick = ({ detail }: MouseEvent) => (detail > 1 && look === 'main') || act();
  return (
    <button type="button" class={look} disabled={off} aria-keyshortcuts={hint} onclick={onclick}>
      {children}
      {hint && sign(hint, 'key')}
    </button>
  );
}

/** A form that is sent by its button or by Enter, to us alone. */
export function Form({
  act,
  look,
  children,
}: {
  act: (fields: FormData) => void;
  look?: string;
  children?: Child;
}): Child {
  const onsubmit = (event: SubmitEvent) => {
    event.preventDefault();
    const { currentTarget } = event;
    if (currentTarget instanceof HTMLFormElement) act(new FormData(currentTarget));
  };
  return (
    <form class={look} onsubmit={onsubmit}>
      {children}
    </form>
  );
}

/** What stands in the field that an event comes from. */
export function typedIn({ target }: Event): string {
  return target && 'value' in target ? String(target.value) : '';
}

type ChooserProps = {
  label: string;
  value: string;
  choices: [value: string, text: string][];
  chosen: (value: string) => void;
};

/** The choice of one, or of all, which is what its label says. */
export function Chooser({ label, value, choices, chosen }: ChooserProps): Child {
  return (
    <select aria-label={label} onchange={(event) => chosen(typedIn(event))} value={value}>
      <option value="">{label}</option>
      {choices.map(([one, text]) => (
        <option value={one}>{text}</option>
      ))}
    </select>
  );
}

/** A text that keeps its lines, in the direction in which it reads. */
export function Prose({ children }: { children?: Child }): Child {
  return (
    <div class="body" dir="auto">
      {children}
    </div>
  );
}
