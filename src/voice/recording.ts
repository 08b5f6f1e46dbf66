import { AUDIO_KINDS, type AudioKind, audioKind } from './audio-kind.ts';
import { ByteReader } from './byte-reader.ts';
import { mendedWav, wavSeconds } from './wav.ts';

/** Sound in one of the kinds that are taken, with its length. */
export type Recording = { bytes: Buffer; kind: AudioKind; mime: string; seconds: number };

/** No recording of speech is smaller: 8 kbit/s. Where a file doesn't say its length, this bounds it from above. */
const SPARSEST_BYTES_A_SECOND = 1_000;
/** No compressed speech is larger: 512 kbit/s. A file that says it is shorter than its size allows isn't believed. */
const DENSEST_BYTES_A_SECOND = 64_000;

/** The seconds of a compressed file: by its own headers within what its size allows. Undefined where it can't be read. */
async function compressedSeconds(bytes: Buffer, mimeType: string): Promise<number | undefined> {
  const { parseFromTokenizer } = await import('music-metadata');
  try {
    const options = { duration: true, skipCovers: true };
    const { format } = await parseFromTokenizer(new ByteReader(bytes, mimeType), options);
    if (format.container === undefined) return undefined;
    const { duration } = format;
    const most = bytes.length / SPARSEST_BYTES_A_SECOND;
    if (duration === undefined || !Number.isFinite(duration) || duration <= 0) return most;
    return Math.max(duration, bytes.length / DENSEST_BYTES_A_SECOND);
  } catch {
    return undefined;
  }
}

/** The sound that bytes hold, told from the bytes alone; undefined where they hold none. A streamed header is mended. */
export async function recordingOf(given: Buffer): Promise<Recording | undefined> {
  const kind = audioKind(given);
  const bytes = kind === 'wav' ? mendedWav(given) : given;
  if (kind === undefined || bytes === undefined) return undefined;
  const mime = AUDIO_KINDS[kind];
  const seconds = kind === 'wav' ? wavSeconds(bytes) : await compressedSeconds(bytes, mime);
  return seconds === undefined || seconds <= 0 ? undefined : { bytes, kind, mime, seconds };
}
