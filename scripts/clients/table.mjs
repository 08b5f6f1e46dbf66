/**
 * The clients that npm has: their package, the program in it, what lists its servers, what makes it ask a model (`url` is the
 * one on loopback), settings that a person had before, so that it asks that one, and its own checks of what we publish for it,
 * run in this folder. `holds` is what the rule to ask, where install adds one, holds back while nobody sits at the client: calls that
 * decide, or all calls.
 */
const PLAIN = '{\n  // what a person wrote\n  "theme": "dark", // and likes\n  "list": [1, 2]\n}\n';

export const CLIENTS = {
  'claude-code': {
    npm: '@anthropic-ai/claude-code@2.1.332',
    bin: 'claude',
    list: ['mcp', 'list'],
    checks: [
      ['plugin', 'validate', '--strict', 'plugins/claude-code'],
      ['plugin', 'validate', '--strict', '.'],
    ],
    ask: () => ['-p', 'say hello please'],
    env: (url) => ({ ANTHROPIC_API_KEY: 'none', ANTHROPIC_BASE_URL: url }),
    before: () => ({ '.claude.json': '{\n  "numStartups": 1,\n  "mcpServers": {}\n}\n' }),
  },
  codex: {
    npm: '@openai/codex@0.171.0',
    bin: 'codex',
    list: ['mcp', 'list'],
    ask: () => ['exec', '--skip-git-repo-check', 'say hello please'],
    env: () => ({ NO_KEY: 'none' }),
    before: (url) => ({
      '.codex/config.toml': `model = "none" # mine\nmodel_provider = "none"\n\n[model_providers.none]\nname = "none"\nbase_url = "${url}/v1"\nenv_key = "NO_KEY"\nwire_api = "responses"\nrequest_max_retries = 0\n`,
    }),
  },
  gemini: {
    npm: '@google/gemini-cli@0.61.0',
    bin: 'gemini',
    list: ['mcp', 'list'],
    checks: [['extensions', 'validate', 'plugins/gemini']],
    ask: () => ['--yolo', '-p', 'say hello please'],
    holds: 'deciding',
    env: (url) => ({ GEMINI_API_KEY: 'none', GOOGLE_GEMINI_BASE_URL: url, GEMINI_CLI_TRUST_WORKSPACE: 'true' }),
    before: () => ({
      '.gemini/settings.json':
        '{\n  // mine\n  "security": { "auth": { "selectedType": "gemini-api-key" } } // this one\n}\n',
    }),
  },
  qwen: {
    npm: '@qwen-code/qwen-code@0.24.4',
    bin: 'qwen',
    list: ['mcp', 'list'],
    ask: () => ['--auth-type', 'openai', '-p', 'say hello please'],
    holds: 'deciding',
    env: (url) => ({ OPENAI_API_KEY: 'none', OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: 'none' }),
    before: () => ({
      '.qwen/settings.json': PLAIN.replace(
        '"list"',
        '"permissions": {"ask": ["Bash"], "allow": ["mcp__countersign"]},\n  "list"',
      ),
    }),
  },
  copilot: {
    npm: '@github/copilot@1.0.102',
    bin: 'copilot',
    list: ['mcp', 'list'],
    ask: () => ['-p', 'say hello please'],
    env: (url) => ({
      COPILOT_PROVIDER_TYPE: 'openai',
      COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
      COPILOT_PROVIDER_API_KEY: 'none',
      COPILOT_MODEL: 'none',
    }),
    before: () => ({ '.copilot/mcp-config.json': '{"mcpServers":{}}' }),
  },
  opencode: {
    npm: 'opencode-ai@1.18.33',
    bin: 'opencode',
    list: ['mcp', 'list'],
    ask: () => ['run', 'say hello please'],
    holds: 'deciding',
    env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: '1' }),
    before: (url) => ({
      '.config/opencode/opencode.json': `{\n  // mine\n  "permission": "allow",\n  "model": "none/none",\n  "provider": {\n    "none": {"npm": "@ai-sdk/openai-compatible", "options": {"baseURL": "${url}/v1", "apiKey": "none"}, "models": {"none": {}}},\n  },\n}\n`,
    }),
  },
  cline: {
    npm: 'cline@3.0.65',
    bin: 'cline',
    list: ['config', 'mcp'],
    first: (url) => ['auth', 'openai-compatible', '-k', 'none', '-m', 'none', '-b', `${url}/v1`],
    ask: () => ['-P', 'openai-compatible', '-m', 'none', 'say hello please'],
    holds: 'all',
    env: () => ({}),
    before: () => ({ '.cline/data/settings/cline_mcp_settings.json': '{\n  "mcpServers": {}\n}\n' }),
  },
  continue: {
    npm: '@continuedev/cli@1.5.47',
    bin: 'cn',
    ask: () => ['-p', 'say hello please'],
    holds: 'deciding',
    env: () => ({ CONTINUE_TELEMETRY_ENABLED: '0' }),
    before: (url) => ({
      '.continue/config.yaml': `name: Mine # my own\nversion: 1.0.0\nschema: v1\nmodels:\n- name: none\n  provider: openai\n  model: none\n  apiKey: none\n  apiBase: ${url}/v1\n  capabilities: [tool_use]\n`,
      '.continue/permissions.yaml': '# mine\nask: [Bash]\n',
    }),
  },
};
