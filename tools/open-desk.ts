import { z } from 'zod';
import { deskLink, OPEN_DESK } from '../src/domain/base/desk.ts';
import { AppError } from '../src/domain/base/errors.ts';
import { defineTool } from '../src/mcp/define-tool.ts';

const BY_LINK = 'Give the person this link. The page asks who they are: countersign open lets them in.';

export const openDeskTool = defineTool({
  name: OPEN_DESK,
  title: 'Open desk',
  description:
    "Opens the desk in the person's browser: a page where they see what waits, whole, and decide. Use it when a refusal names it, or they want to look or edit. It decides nothing, and url lets nobody in by itself.",
  toolset: 'review',
  scopes: ['agents:approve'],
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: false },
  input: z.strictObject({}),
  output: { next: 'string', url: 'string', opened: 'boolean' },
  async handler(_args, { house: { deps } }) {
    if (deps.desk !== undefined) {
      const { url, opened, problem } = await deps.desk.open();
      return { ...(problem === undefined ? {} : { next: problem }), url, opened };
    }
    if (deps.deskWay === undefined || deps.deskWay === OPEN_DESK)
      throw new AppError('FORBIDDEN', 'This process has no desk. The person runs countersign open in a terminal.');
    return { next: BY_LINK, url: deskLink(deps.deskWay), opened: false };
  },
});
