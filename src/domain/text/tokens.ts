const LETTERS_A_TOKEN = 6;
const DIGITS_A_TOKEN = 3;

type TextRun = 'letters' | 'digits' | 'spaces' | 'other';

function runOf(code: number): TextRun {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return 'letters';
  if (code >= 48 && code <= 57) return 'digits';
  return code === 32 || (code >= 9 && code <= 13) ? 'spaces' : 'other';
}

/**
 * What a model's server says that it counted, where that can be true; else our own estimate of the text, so that a cap
 * holds: a server that counts less than nothing would make room under it.
 */
export function counted(told: number | undefined, text: unknown): number {
  return told !== undefined && Number.isSafeInteger(told) && told > 0 ? told : tokensOf(text);
}

/** About how many tokens (o200k_base) a value takes as JSON; errs on the high side. */
export function tokensOf(value: unknown): number {
  const text = JSON.stringify(value) ?? '';
  let tokens = 0;
  let run: TextRun = 'other';
  let length = 0;
  const end = () => {
    tokens += run === 'other' ? length : Math.ceil(length / (run === 'digits' ? DIGITS_A_TOKEN : LETTERS_A_TOKEN));
  };
  for (let at = 0; at < text.length; at++) {
    const next = runOf(text.charCodeAt(at));
    if (next !== run) {
      end();
      run = next;
      length = 0;
    }
    length += 1;
  }
  end();
  return Math.ceil(tokens * 0.75);
}
