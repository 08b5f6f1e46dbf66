import type { VoiceAccess } from '../domain/agents/voice.ts';
import { isObject, isVast } from '../domain/base/json.ts';
import { spokenError } from '../net/spoken-error.ts';
import { quotedWords, whoOf } from './request.ts';
import { StepFailed } from './step.ts';
import { LONGEST_TRANSCRIPT } from './voice-limits.ts';

const MOST_LEVELS = 50;

function parsedAnswer(text: string): Record<string, unknown> | undefined {
  if (isVast(text, MOST_LEVELS)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What is left of a transcript without what a transcriber says of silence: "[BLANK_AUDIO]", "(music)", "*sighs*", "♪". */
function spokenPart(text: string): string {
  return text.replace(/\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|♪[^♪]*♪/g, ' ');
}

/** Whether somebody spoke, by a transcript: it has a letter or digit that isn't a remark about sounds. */
export function isSpoken(transcript: string): boolean {
  return /[\p{L}\p{N}]/u.test(spokenPart(transcript));
}

/** The transcript in a service's answer, in whole characters. What has none is no transcript: StepFailed. */
export function transcriptIn(
  bytes: Buffer,
  access: VoiceAccess,
  pick: (answer: Record<string, unknown>) => unknown,
): string {
  const text = bytes.toString('utf8');
  const answer = parsedAnswer(text);
  const error = spokenError(text);
  const found = answer && pick(answer);
  if (typeof found !== 'string') {
    const said = quotedWords(error?.words ?? text, access);
    throw new StepFailed(
      access,
      `${whoOf(access)} answered something that is no transcript: ${said || 'nothing'}. Check voice.${access.step} and voice.${access.step}_base_url.`,
    );
  }
  if (found.length > LONGEST_TRANSCRIPT)
    throw new StepFailed(
      access,
      `${whoOf(access)} gave a transcript of more than ${LONGEST_TRANSCRIPT} characters: make the recording shorter.`,
    );
  return Buffer.from(found.trim(), 'utf8').toString('utf8');
}
