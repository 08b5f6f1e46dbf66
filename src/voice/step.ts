import type { VoiceAccess } from '../domain/agents/voice.ts';
import type { Deps } from '../domain/base/deps.ts';
import type { VoiceStep } from '../providers/voices.ts';

/** What one step works with. */
export type StepMeans = { access: VoiceAccess; deps: Pick<Deps, 'fetch' | 'now' | 'env'>; signal: AbortSignal };

/** Why a step gave nothing. `isFree`: the service did no work, so that it cost nothing. */
export class StepFailed extends Error {
  readonly step: VoiceStep;
  readonly isFree: boolean;

  constructor({ step }: VoiceAccess, message: string, isFree = false) {
    super(message);
    this.name = 'StepFailed';
    this.step = step;
    this.isFree = isFree;
  }
}

/** The first part of a language tag, by which services that know no countries know a language. */
export function plainLanguage(tag: string): string {
  return tag.split('-')[0]?.toLowerCase() ?? tag;
}
