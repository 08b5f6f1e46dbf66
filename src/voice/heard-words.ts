import type { VoiceAccess } from '../domain/agents/voice.ts';
import { isObject, isVast } from '../domain/base/json.ts';
import { spokenError } from '../net/spoken-error.ts';
import { quotedWords, whoOf } from './request.ts';
import { StepFailed } from './step.ts';
import { LONGEST_TRANSCRIPT } from './voice-limits.ts';

const MOST_LEVELS = 50;
/** No error is longer: what is said beyond is no word of one. */
const MOST_ERROR_CHARACTERS = 64 << 10;

function parsedAnswer(text: string): Record<string, unknown> | undefined {
  if (isVast(text, MOST_LEVELS)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** How a transcriber writes what is no speech: "[BLANK_AUDIO]", "(music)", "*sighs*", "♪". */
const REMARKS: Readonly<Record<string, string>> = { '[': ']', '(': ')', '*': '*', '♪': '♪' };

/**
 * What is left of a transcript without remarks about sounds. Each mark is passed once: where one never closes, no later one
 * of its kind does either.
 */
function spokenPart(text: string): string {
  const pieces: string[] = [];
  const unclosed = new Set<string>();
  let from = 0;
  for (const { 0: mark, index } of text.matchAll(/[[(*♪]/g)) {
    if (index < from || unclosed.has(mark)) continue;
    const end = text.indexOf(REMARKS[mark] ?? '', index + 1);
    if (end === -1) unclosed.add(mark);
    else {
      pieces.push(text.slice(from, index));
      from = end + 1;
    }
  }
  return [...pieces, text.slice(from)].join(' ');
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
  const found = answer && pick(answer);
  if (typeof found !== 'string') {
    const begun = text.slice(0, MOST_ERROR_CHARACTERS);
    const said = quotedWords(spokenError(begun)?.words ?? begun, access);
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
