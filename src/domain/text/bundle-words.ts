type BundleEnv = Readonly<Record<string, string | undefined>>;

/** The settings of the bundle as its client shows them, by the variable that each one fills. */
export const BUNDLE_SETTINGS: Readonly<Record<string, string>> = {
  COUNTERSIGN_HOME: 'Home',
  COUNTERSIGN_ALLOW_DIRS: 'Import folders',
  COUNTERSIGN_ALLOW_HOSTS: 'Allowed hosts',
  COUNTERSIGN_SMTP_HOST: 'Mail server',
  COUNTERSIGN_SMTP_USER: 'Mail user',
  COUNTERSIGN_SMTP_PASSWORD: 'Mail password',
  ANTHROPIC_API_KEY: 'Anthropic API key',
  OPENAI_API_KEY: 'OpenAI API key',
  GEMINI_API_KEY: 'Gemini API key',
};

const VARIABLE = new RegExp(`\\b(?:${Object.keys(BUNDLE_SETTINGS).join('|')})\\b`, 'g');
/** A clause that tells to run a command of the program, with the mark before it, or its whole sentence. */
const COMMAND =
  /[;,]?\s*[^.;,]*`?countersign (?:doctor|review|resume|audit|consent|pause|token|install|open|passkey)\b[^.;]*/g;

/**
 * A text for somebody whose client runs the bundle: they have no terminal and no variables, but a page of settings. So a
 * variable is called as that page calls it, and a clause about a command is left out. Elsewhere the same text.
 */
export function inBundleWords(text: string, env: BundleEnv): string {
  if (env.COUNTERSIGN_BUNDLE === undefined) return text;
  const bare = text
    .replace(COMMAND, '')
    .replace(/\.\s*\./g, '.')
    .trim();
  return bare.replace(VARIABLE, (name) => `"${BUNDLE_SETTINGS[name]}" in this extension's settings`);
}

/** A result whose warnings are in such words. */
export function toldInBundleWords<T extends Record<string, unknown>>(facts: T, env: BundleEnv): T {
  const { warnings } = facts;
  if (env.COUNTERSIGN_BUNDLE === undefined || !Array.isArray(warnings)) return facts;
  return { ...facts, warnings: warnings.map((each) => (typeof each === 'string' ? inBundleWords(each, env) : each)) };
}
