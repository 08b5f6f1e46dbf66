import { templateEngine } from './liquid.ts';
import { openingsIn } from './openings.ts';

/** The names that templates may use (contract, section 3, "Rule"). */
export const ROOTS = ['contact', 'events', 'recent_actions', 'unified_profile', 'agent', 'identity', 'now'] as const;

/** A name that a template takes from outside, such as `['contact', 'firstname']`, without what it makes itself. */
export type TemplateName = readonly string[];

/** A template with more outputs and tags isn't looked through: that takes the square of their number. */
const MOST_OPENINGS = 300;

/**
 * The names that a template takes from outside; none for one that isn't valid, or is very long. Importing this module takes about 30 ms,
 * so import it only when a template is there.
 */
export function namesInTemplate(template: string): TemplateName[] {
  const openings = openingsIn(template);
  if (openings === 0 || openings > MOST_OPENINGS) return [];
  try {
    const engine = templateEngine();
    const names = engine.globalVariableSegmentsSync(engine.parse(template), { partials: false });
    return names.map((segments) => segments.filter((segment) => typeof segment === 'string'));
  } catch {
    return [];
  }
}
