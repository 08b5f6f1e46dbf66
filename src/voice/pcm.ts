/** Samples as OpenAI's Realtime API takes and gives them: 16 bits, one channel, 24 kHz. */
export const REALTIME_RATE = 24_000;

/** The samples of a mended wav file of 16 bits, brought to one channel at 24 kHz; undefined for a wav of other samples. */
export function realtimeSamples(wav: Buffer): Buffer | undefined {
  const at = wav.indexOf('fmt ', 12, 'latin1') + 8;
  const data = wav.indexOf('data', at, 'latin1') + 8;
  if (at < 20 || data < 28 || at + 16 > wav.length) return undefined;
  const [format, channels] = [wav.readUInt16LE(at), wav.readUInt16LE(at + 2)];
  const rate = wav.readUInt32LE(at + 4);
  if ((format !== 1 && format !== 0xfffe) || wav.readUInt16LE(at + 14) !== 16) return undefined;
  const frames = Math.floor((wav.length - data) / (channels * 2));
  const levelOf = (frame: number) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      sum += wav.readInt16LE(data + (Math.min(frame, frames - 1) * channels + channel) * 2);
    return sum / channels;
  };
  const samples = Buffer.alloc(Math.floor((frames * REALTIME_RATE) / rate) * 2);
  for (let n = 0; n < samples.length / 2; n++) {
    const place = (n * rate) / REALTIME_RATE;
    const frame = Math.floor(place);
    const part = place - frame;
    samples.writeInt16LE(Math.round(levelOf(frame) * (1 - part) + (part === 0 ? 0 : levelOf(frame + 1) * part)), n * 2);
  }
  return samples;
}
