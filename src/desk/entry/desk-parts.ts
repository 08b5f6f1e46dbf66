import type { ServedParts } from '../../http/start.ts';
import type { Creations } from './creations.ts';
import type { Nonces } from './nonces.ts';
import type { Prompts } from './prompts.ts';

/** What the routes of the desk work with. */
export type DeskParts = Pick<ServedParts, 'house' | 'houseOf' | 'streams' | 'watcher' | 'home' | 'link'> & {
  nonces: Nonces;
  prompts: Prompts;
  creations: Creations;
};
