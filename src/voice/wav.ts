import { audioKind } from './audio-kind.ts';

/** Where a wav file says its format and holds its samples. */
type WavParts = { format: number; channels: number; rate: number; bits: number; block: number; data: number };

const HEADER = 44;
/** PCM, floating point, A-law, µ-law, and what says the same in more words: formats whose samples have one length. */
const FORMATS = [1, 3, 6, 7, 0xfffe];
const RATES = { least: 4_000, most: 400_000 };

/** Finds the parts of a wav file; undefined where one is missing. A chunk that would end beyond the file is the last. */
function wavParts(bytes: Buffer): WavParts | undefined {
  let at = 12;
  let found: Omit<WavParts, 'data'> | undefined;
  while (at + 8 <= bytes.length) {
    const name = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const body = at + 8;
    if (name === 'fmt ' && size >= 16 && body + 16 <= bytes.length)
      found = {
        format: bytes.readUInt16LE(body),
        channels: bytes.readUInt16LE(body + 2),
        rate: bytes.readUInt32LE(body + 4),
        block: bytes.readUInt16LE(body + 12),
        bits: bytes.readUInt16LE(body + 14),
      };
    if (name === 'data') return found && { ...found, data: body };
    at = body + size + (size & 1);
  }
  return undefined;
}

/** Whether a format can be heard: a false rate would make a long recording look short. */
function isSound({ format, channels, rate, bits, block }: WavParts): boolean {
  const isKnown = FORMATS.includes(format) && channels >= 1 && channels <= 32 && bits >= 8 && bits <= 64;
  return isKnown && block === channels * Math.ceil(bits / 8) && rate >= RATES.least && rate <= RATES.most;
}

/**
 * A wav file whose header counts the bytes that are there. Whoever streams one doesn't know its length at its start, and
 * writes any number. Undefined where it has no format or no samples.
 */
export function mendedWav(bytes: Buffer): Buffer | undefined {
  const parts = wavParts(bytes);
  if (!parts || !isSound(parts)) return undefined;
  const said = bytes.readUInt32LE(parts.data - 4);
  const there = bytes.length - parts.data;
  // What stands behind the samples, such as a title, is no sound; a length of 0 is one that wasn't known.
  const size = said === 0 || said > there ? there - (there % parts.block) : said;
  const mended = Buffer.from(bytes.subarray(0, Math.max(parts.data + size, parts.data)));
  mended.writeUInt32LE(size, parts.data - 4);
  mended.writeUInt32LE(mended.length - 8, 4);
  return size === 0 ? undefined : mended;
}

/** The seconds of a mended wav file: its samples, counted. */
export function wavSeconds(bytes: Buffer): number | undefined {
  const parts = wavParts(bytes);
  return parts && (bytes.length - parts.data) / parts.block / parts.rate;
}

/** The sound of several wav files, one behind the other, as one file; undefined where they aren't wav of one kind. */
export function joinedWav(files: readonly Buffer[]): Buffer | undefined {
  const sounds: Buffer[] = [];
  let kind: string | undefined;
  for (const file of files) {
    const wav = audioKind(file) === 'wav' ? mendedWav(file) : undefined;
    const parts = wav && wavParts(wav);
    if (wav === undefined || parts === undefined) return undefined;
    const { data, ...format } = parts;
    kind ??= JSON.stringify(format);
    if (kind !== JSON.stringify(format)) return undefined;
    sounds.push(sounds.length === 0 ? wav : wav.subarray(data));
  }
  return mendedWav(withUnknownLength(Buffer.concat(sounds)));
}

/** A wav file as if it were streamed, so that all that follows its header is its sound. */
function withUnknownLength(wav: Buffer): Buffer {
  const parts = wavParts(wav);
  if (parts) wav.writeUInt32LE(0, parts.data - 4);
  return wav;
}

/** Samples of 16 bits, one channel, as a wav file. */
export function wavOf(samples: Buffer, rate: number): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER - 8 + samples.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
