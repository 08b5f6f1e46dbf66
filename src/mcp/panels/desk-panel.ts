import type { McpServer } from '@modelcontextprotocol/server';
import { AppError } from '../../domain/base/errors.ts';
import type { House } from '../../engine/base/house.ts';
import { readPageFile } from '../../files/page-file.ts';
import type { Panel, Tool } from '../define-tool.ts';
import { protocolError } from '../resources.ts';

/** The type by which clients know such a page. */
const PANEL_TYPE = 'text/html;profile=mcp-app';

/** The desk, as a panel in a client's chat: the same file as the page, which asks the client for what it shows. */
export const DESK_PANEL: Panel = {
  name: 'desk',
  title: 'The desk',
  uri: 'ui://countersign/desk',
  description: 'What waits for a person, to read and decide beside the chat. A click there is a plain call of a tool.',
};

/** What a tool's entry in a list says of its panel. */
export function panelMeta({ panel }: Tool): { _meta?: { ui: { resourceUri: string } } } {
  return panel ? { _meta: { ui: { resourceUri: panel.uri } } } : {};
}

function panelPage(house: House): string {
  const page = readPageFile();
  if (page !== undefined) return page;
  const missing = 'The panel is missing: desk.html stands beside the program, and npm run build makes it.';
  throw protocolError(new AppError('NOT_FOUND', missing), house.deps);
}

/** Registers the panels of the tools that are offered. */
export function registerPanels(server: McpServer, tools: readonly Tool[], house: House): void {
  for (const { panel } of tools) {
    if (!panel) continue;
    const { name, title, uri, description } = panel;
    server.registerResource(name, uri, { title, description, mimeType: PANEL_TYPE }, (asked) => ({
      contents: [
        { uri: asked.href, mimeType: PANEL_TYPE, text: panelPage(house), _meta: { ui: { prefersBorder: true } } },
      ],
    }));
  }
}
