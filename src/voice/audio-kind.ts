/** The kinds of audio files that are taken, by what their bytes say: extension and media type. */
export const AUDIO_KINDS = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  webm: 'audio/webm',
  m4a: 'audio/mp4',
} as const;

export type AudioKind = keyof typeof AUDIO_KINDS;

/** Whether bytes begin with a frame of MPEG audio, layer III. Texts in UTF-16 begin alike, but name another layer. */
function isFrame(bytes: Buffer): boolean {
  const [first = 0, second = 0, third = 0] = bytes;
  const isLayerThree = first === 0xff && (second & 0xe6) === 0xe2 && (second & 0x18) !== 0x08;
  return isLayerThree && third >> 4 !== 15 && (third & 0x0c) !== 0x0c;
}

/** The kind of an audio file by its own bytes; undefined for anything else, whatever its name says. */
export function audioKind(bytes: Buffer): AudioKind | undefined {
  const at = (start: number, length: number) => bytes.toString('latin1', start, start + length);
  if (at(0, 4) === 'RIFF' && at(8, 4) === 'WAVE') return 'wav';
  if (at(0, 4) === 'OggS') return 'ogg';
  if (at(4, 4) === 'ftyp') return 'm4a';
  if (at(0, 4) === '\x1a\x45\xdf\xa3' && /webm|matroska/.test(at(4, 60))) return 'webm';
  return at(0, 3) === 'ID3' || isFrame(bytes) ? 'mp3' : undefined;
}
