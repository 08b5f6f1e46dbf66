import { wavOf } from '../../src/voice/wav.ts';

/**
 * A speech synthesizer and a transcriber for tests: each byte of a text is two tones. What one speaks, the other understands
 * from the samples alone.
 */
const RATE = 16_000;
const TONE = 160;

/** The samples of one tone: 10 ms. */
function toneAt(rate: number): number {
  return (TONE * rate) / RATE;
}

function tone(nibble: number, rate: number): Buffer {
  const samples = Buffer.alloc(toneAt(rate) * 2);
  const hertz = 400 + nibble * 200;
  for (let at = 0; at < toneAt(rate); at++)
    samples.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hertz * at) / rate)), at * 2);
  return samples;
}

/** A text as samples of 16 bits, one channel. */
export function spokenAt(text: string, rate: number): Buffer {
  if (text === '') return Buffer.alloc(rate * 2);
  const tones = [...Buffer.from(text, 'utf8')].flatMap((byte) => [tone(byte >> 4, rate), tone(byte & 15, rate)]);
  return Buffer.concat([Buffer.alloc(toneAt(rate) * 2), ...tones]);
}

/** A text as a wav file. Without a text it is a second of silence. */
export function spoken(text: string, rate = RATE): Buffer {
  return wavOf(spokenAt(text, rate), rate);
}

/** How loud a tone is among samples (Goertzel). */
function loudness(samples: Buffer, nibble: number, rate: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * (400 + nibble * 200)) / rate);
  let [one, two] = [0, 0];
  for (let at = 0; at < samples.length / 2; at++) [one, two] = [samples.readInt16LE(at * 2) + turn * one - two, one];
  return one * one + two * two - turn * one * two;
}

function heardNibble(samples: Buffer, rate: number): number | undefined {
  const levels = Array.from({ length: 16 }, (_, nibble) => loudness(samples, nibble, rate));
  const most = Math.max(...levels);
  return most < 1e6 ? undefined : levels.indexOf(most);
}

/** What is spoken in samples; empty for silence. */
export function understoodAt(samples: Buffer, rate: number): string {
  const size = toneAt(rate) * 2;
  const nibbles: number[] = [];
  for (let at = 0; at + size <= samples.length; at += size) {
    const nibble = heardNibble(samples.subarray(at, at + size), rate);
    if (nibble !== undefined) nibbles.push(nibble);
  }
  const bytes = Array.from(
    { length: nibbles.length >> 1 },
    (_, n) => ((nibbles[n * 2] ?? 0) << 4) | (nibbles[n * 2 + 1] ?? 0),
  );
  return Buffer.from(bytes).toString('utf8');
}

/** What is spoken in a wav file. */
export function understood(wav: Buffer): string {
  if (wav.toString('latin1', 0, 4) !== 'RIFF' || wav.readUInt32LE(40) !== wav.length - 44)
    throw new Error('this is no whole wav file');
  return understoodAt(wav.subarray(44), wav.readUInt32LE(24));
}
