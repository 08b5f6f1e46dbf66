import { setImmediate as turn } from 'node:timers/promises';
import type { parseFromTokenizer } from 'music-metadata';

type ByteTokenizer = Parameters<typeof parseFromTokenizer>[0];
type Chunk = Parameters<ByteTokenizer['readBuffer']>[1];
/** How a parser takes a value from bytes: their number, and what they mean. */
type ByteToken<T> = { len: number; get: (bytes: Uint8Array, at: number) => T };

/** Reads between which other calls get a turn. */
const READS_A_TURN = 500;
/** A parser of a true recording reads a few times for each frame, and none has frames of fewer bytes. */
const BYTES_A_READ = 8;
const FEWEST_READS = 20_000;

/** Why a parser is stopped: the bytes make it go through them without end. */
class Tangled extends Error {}

/**
 * Bytes as the parser of audio headers reads them. Bytes of a stranger can make a parser go over them again and again, so its
 * reads are counted, and other calls get a turn between them.
 */
export class ByteReader {
  position = 0;
  readonly fileInfo: { size: number; mimeType: string };
  readonly #bytes: Uint8Array;
  readonly #most: number;
  #reads = 0;

  constructor(bytes: Uint8Array, mimeType: string) {
    this.#bytes = bytes;
    this.#most = FEWEST_READS + bytes.length / BYTES_A_READ;
    this.fileInfo = { size: bytes.length, mimeType };
  }

  async #copy(target: Uint8Array, from: number, length: number, mayBeLess: boolean): Promise<number> {
    if (++this.#reads > this.#most) throw new Tangled('these bytes are read without end');
    if (this.#reads % READS_A_TURN === 0) await turn();
    const there = Math.max(0, Math.min(this.#bytes.length - from, length));
    if (length < 0 || from < 0 || (there < length && !mayBeLess)) throw new RangeError('the bytes end before');
    target.set(this.#bytes.subarray(from, from + there));
    return there;
  }

  peekBuffer(target: Uint8Array, { length = target.length, position, mayBeLess = false }: Chunk = {}): Promise<number> {
    return this.#copy(target, position ?? this.position, length, mayBeLess);
  }

  async readBuffer(target: Uint8Array, chunk: Chunk = {}): Promise<number> {
    const from = chunk.position ?? this.position;
    const count = await this.peekBuffer(target, { ...chunk, position: from });
    this.position = from + count;
    return count;
  }

  async peekToken<T>(token: ByteToken<T>, position?: number | null): Promise<T> {
    const from = position ?? this.position;
    if (from + token.len > this.#bytes.length) throw new RangeError('the bytes end before');
    const target = new Uint8Array(token.len);
    await this.#copy(target, from, token.len, false);
    return token.get(target, 0);
  }

  async readToken<T>(token: ByteToken<T>, position = this.position): Promise<T> {
    const value = await this.peekToken(token, position);
    this.position = position + token.len;
    return value;
  }

  peekNumber(token: ByteToken<number>): Promise<number> {
    return this.peekToken(token);
  }

  readNumber(token: ByteToken<number>): Promise<number> {
    return this.readToken(token);
  }

  async ignore(length: number): Promise<number> {
    await this.#copy(new Uint8Array(0), this.position, 0, true);
    const count = Math.max(0, Math.min(length, this.#bytes.length - this.position));
    this.position += count;
    return count;
  }

  setPosition(position: number): void {
    this.position = position;
  }

  supportsRandomAccess(): boolean {
    return true;
  }

  async close(): Promise<void> {}

  async abort(): Promise<void> {}
}
