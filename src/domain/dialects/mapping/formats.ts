import { DIALECT_NAMES, type DialectName } from './dialect.ts';

/** Our own format: an agent whole, with its versions. */
export const OWN_FORMAT = 'countersign';
export type AgentFormat = typeof OWN_FORMAT | DialectName;

/**
 * The formats of agents as the tools name them; this file loads none of them, because every start reads it. thinnest.ai is
 * often taken for TalkifAI, so its name is one more for it.
 */
export const FORMAT_NAMES = [OWN_FORMAT, ...DIALECT_NAMES, 'thinnest'] as const;
export type AgentFormatName = (typeof FORMAT_NAMES)[number];

export function formatNamed(name: AgentFormatName): AgentFormat {
  return name === 'thinnest' ? 'talkifai' : name;
}
