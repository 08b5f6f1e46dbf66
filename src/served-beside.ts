import { deskMounts } from './desk/index.ts';
import type { Assemble } from './http/start.ts';
import { restMounts } from './rest/index.ts';

/** What `countersign serve` serves beside MCP: the APIs of other products, and the desk. */
export const servedBeside: Assemble = (parts) => {
  const [rest, desk] = [restMounts(parts), deskMounts(parts)];
  return { mounts: [...rest.mounts, ...desk.mounts], open: [...rest.open, ...desk.open] };
};
