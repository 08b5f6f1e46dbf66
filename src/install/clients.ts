import path from 'node:path';
import {
  carryOn,
  claudeCodeFile,
  clineFiles,
  clineParts,
  codex,
  codexParts,
  continueParts,
  copilot,
  gemini,
  geminiParts,
  type Launch,
  listedPart,
  opencode,
  opencodeParts,
  qwen,
  qwenParts,
} from './client-parts.ts';
import type { FilePart } from './part.ts';
import { appFolder, claudeFolder, folderOf, type UserPlace } from './places.ts';

/** A client of MCP: where it keeps its servers, and how a person's yes comes through it. */
export type ClientProgram = {
  id: string;
  title: string;
  /** It has windows, so nobody chooses its working directory. */
  isWindowed?: true;
  /** Whether it draws the forms of a server. */
  drawsForms: boolean;
  /** What it asks before a tool is called: as it comes, and by the rules that an installation adds. */
  asks: string;
  asksByRule?: string;
  /** What makes it ask, or keeps it asking. */
  toggle: string;
  /** A folder or file that is there where the client is. */
  signs: (place: UserPlace) => string[];
  parts: (place: UserPlace, launch: Launch) => FilePart[];
};

const BY_ITSELF = 'before every tool, unless you allowed it for good';

/** The clients that `countersign install` knows, as they were in November 2026. */
export const CLIENTS: readonly ClientProgram[] = [
  {
    id: 'claude-desktop',
    title: 'Claude Desktop',
    isWindowed: true,
    drawsForms: false,
    asks: BY_ITSELF,
    toggle: 'choose "Allow once" for approve_action, review_actions and settle_action, never "Always allow"',
    signs: (place) => [claudeFolder(place)],
    parts: (place, launch) => [
      listedPart(path.join(claudeFolder(place), 'claude_desktop_config.json'), 'mcpServers', launch),
    ],
  },
  {
    id: 'claude-code',
    title: 'Claude Code',
    drawsForms: true,
    asks: 'by its permission mode; in its "auto mode" a classifier lets calls pass',
    toggle: 'an "ask" rule in settings.json, for what a plain call decides (docs/clients.md)',
    signs: (place) => [claudeCodeFile(place), folderOf(place, 'CLAUDE_CONFIG_DIR', '.claude')],
    parts: (place, launch) => [listedPart(claudeCodeFile(place), 'mcpServers', launch, { type: 'stdio' })],
  },
  {
    id: 'cursor',
    title: 'Cursor',
    isWindowed: true,
    drawsForms: true,
    asks: "before tools that its allowlist doesn't name",
    toggle: 'keep approve_action, review_actions and settle_action out of the allowlist',
    signs: (place) => [path.join(place.home, '.cursor')],
    parts: (place, launch) => [
      listedPart(path.join(place.home, '.cursor', 'mcp.json'), 'mcpServers', launch, { type: 'stdio' }),
    ],
  },
  {
    id: 'vscode',
    title: 'VS Code',
    isWindowed: true,
    drawsForms: true,
    asks: BY_ITSELF,
    toggle: "don't allow these tools for good, and leave chat.tools.global.autoApprove off",
    signs: (place) => [appFolder(place, 'Code')],
    parts: (place, launch) => [
      listedPart(path.join(appFolder(place, 'Code', 'User'), 'mcp.json'), 'servers', launch, { type: 'stdio' }),
    ],
  },
  {
    id: 'codex',
    title: 'Codex',
    drawsForms: true,
    asks: 'before tools that destroy or reach out, these three among them; not with full access',
    toggle: "don't start it with full access",
    signs: (place) => [codex(place)],
    parts: codexParts,
  },
  {
    id: 'gemini',
    title: 'Gemini CLI',
    drawsForms: false,
    asks: 'before every tool, unless started with --yolo',
    asksByRule: 'before every tool, and with --yolo before these three',
    toggle: 'policies/NAME.toml, which install writes',
    signs: (place) => [gemini(place)],
    parts: geminiParts,
  },
  {
    id: 'qwen',
    title: 'Qwen Code',
    drawsForms: false,
    asks: 'by its mode; in its "auto mode" a model lets calls pass; NOTHING with --yolo',
    asksByRule: 'before these three; NOTHING with --yolo',
    toggle: "permissions.ask in settings.json, which install writes; don't start it with --yolo",
    signs: (place) => [qwen(place)],
    parts: qwenParts,
  },
  {
    id: 'copilot',
    title: 'Copilot CLI',
    drawsForms: true,
    asks: 'before all but read-only tools',
    toggle: "don't allow these tools for the whole session",
    signs: (place) => [copilot(place)],
    parts: (place, launch) => [
      listedPart(path.join(copilot(place), 'mcp-config.json'), 'mcpServers', launch, { type: 'local', tools: ['*'] }),
    ],
  },
  {
    id: 'opencode',
    title: 'opencode',
    drawsForms: false,
    asks: 'NOTHING, as it comes',
    asksByRule: 'before these three',
    toggle: 'permission in its configuration, which install writes',
    signs: (place) => [opencode(place)],
    parts: opencodeParts,
  },
  {
    id: 'cline',
    title: 'Cline',
    drawsForms: false,
    asks: 'NOTHING, as it comes',
    asksByRule: 'before every tool of any server, unless told otherwise in a session',
    toggle: 'toolAutoApprove in global-settings.json, which install sets to false; Shift+Tab in a session',
    signs: (place) => [folderOf(place, 'CLINE_DIR', '.cline'), ...clineFiles(place).slice(1)],
    parts: clineParts,
  },
  {
    id: 'continue',
    title: 'Continue',
    drawsForms: false,
    asks: 'before every tool; NOTHING with -p or --auto',
    asksByRule: 'before every tool; with -p it refuses these three; NOTHING with --auto',
    toggle: "permissions.yaml, which install writes; don't start it with --auto",
    signs: (place) => [carryOn(place)],
    parts: continueParts,
  },
];
