/**
 * Variables by which the shell of an assistant is known, and whose shell it is. Sources, looked up in November 2026: the
 * proposal agentsmd/agents.md#136 (AGENT, which Goose, Amp and opencode set), vercel/vercel packages/detect-agent
 * (AI_AGENT), aws/aws-cdk-cli detect-agent.ts, laravel/agent-detector, jehiah/agentdetection, and the manuals of Qwen Code
 * (shell mode) and Auggie (environment). Left out on purpose: what a person's own terminal in an editor has too
 * (CURSOR_TRACE_ID, TERM_PROGRAM), and what holds settings or keys (COPILOT_GITHUB_TOKEN).
 */
const SHELLS: Readonly<Record<string, string>> = {
  CLAUDECODE: 'Claude Code',
  CLAUDE_CODE: 'Claude Code',
  CLAUDE_CODE_IS_COWORK: 'Claude Cowork',
  GEMINI_CLI: 'Gemini CLI',
  QWEN_CODE: 'Qwen Code',
  CODEX_SANDBOX: 'Codex',
  CODEX_SANDBOX_NETWORK_DISABLED: 'Codex',
  CODEX_CI: 'Codex',
  CODEX_THREAD_ID: 'Codex',
  CURSOR_AGENT: 'Cursor',
  COPILOT_CLI: 'Copilot CLI',
  OPENCODE: 'opencode',
  OPENCODE_CLIENT: 'opencode',
  CLINE_ACTIVE: 'Cline',
  AUGMENT_AGENT: 'Auggie',
  AMP_CURRENT_THREAD_ID: 'Amp',
  GOOSE_TERMINAL: 'Goose',
  ANTIGRAVITY_AGENT: 'Antigravity',
  PI_CODING_AGENT: 'Pi',
  TRAE_AI_SHELL_ID: 'Trae',
  AGENT: 'an assistant',
  AI_AGENT: 'an assistant',
};

export const ASSISTANT_VARIABLES: readonly string[] = Object.keys(SHELLS);

const NO = new Set(['', '0', 'false', 'no', 'off']);

/**
 * Why a command that takes a person's word refuses in this environment; undefined where it may go on. This keeps an
 * assistant from deciding by habit, and is no wall: who controls a shell also controls its variables. The words don't
 * name the variable, because a name would be the way round.
 */
export function assistantShell(command: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const variable = ASSISTANT_VARIABLES.find((name) => !NO.has((env[name] ?? '').trim().toLowerCase()));
  if (variable === undefined) return undefined;
  return `countersign ${command} takes a person's word, and this looks like the shell of ${SHELLS[variable]}. Nothing was changed. The person runs it in their own terminal: a window that they opened themselves. This check is a hurdle for assistants and no wall.`;
}
