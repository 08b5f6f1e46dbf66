const LETTERS_A_TOKEN = 6;
const DIGITS_A_TOKEN = 3;

type TextRun = 'letters' | 'digits' | 'spaces' | 'other';

function runOf(code: number): TextRun {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90)) return 'letters';
  if (code >= 48 && code <= 57) return 'digits';
  return code === 32 || (code >= 9 && code <= 13) ? 'spaces' : 'other';
}

/**
 * The number of tokens that a model's server reports, if it is a positive whole number; else our own estimate for
 * `text`. A cost cap adds these numbers up: a negative one would let a run spend more than its cap.
 */
export function counted(reported: number | undefined, text: unknown): number {
  return reported !== undefined && Number.isSafeInteger(reported) && reported > 0 ? reported : tokensOf(text);
}

/** Whether a value takes at most `most` tokens, told from its length alone: no character counts as more than one token. */
export function fitsSurely(value: unknown, most: number): boolean {
  return (JSON.stringify(value) ?? '').length <= most;
}

/** About how many tokens (o200k_base) a value takes as JSON; rather too many than too few. */
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
