import type { DeskParts } from '../entry/desk-parts.ts';
import type { DeskRoute } from '../entry/desk-route.ts';
import { agentRoutes } from './agents.ts';
import { brakeRoutes } from './brake.ts';
import { consentRoutes } from './consent.ts';
import { contactRoutes } from './contacts.ts';
import { importRoutes } from './import.ts';
import { logRoutes } from './log.ts';
import { outboxRoutes } from './outbox.ts';
import { runRoutes } from './runs.ts';
import { settingRoutes } from './settings.ts';

/** The routes of all screens but the queue's. */
export function screenRoutes(parts: DeskParts): DeskRoute[] {
  return [
    ...agentRoutes(),
    ...runRoutes(),
    ...contactRoutes(),
    ...logRoutes(),
    ...brakeRoutes(parts),
    ...importRoutes(),
    ...settingRoutes(parts),
    ...outboxRoutes(parts),
    ...consentRoutes(parts),
  ];
}
