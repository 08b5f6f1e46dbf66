const [QUOTE, BACKSLASH, COMMA, COLON] = [34, 92, 44, 58];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125];

/** The offset behind the string that begins at an offset. */
function endOfString(bytes: Buffer, from: number): number {
  for (let at = from + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
  }
  throw new SyntaxError('a string has no end');
}

/** The offset behind as many closing brackets as `depth` says are open. With depth 0, behind the value that begins. */
function offsetBehind(bytes: Buffer, from: number, depth: number): number {
  let open = depth;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = endOfString(bytes, at) - 1;
      if (open === 0) return at + 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) open++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      if (open === 0) return at;
      open--;
      if (open === 0) return at + 1;
    } else if (byte === COMMA && open === 0) return at;
  }
  throw new SyntaxError('a value has no end');
}

/**
 * A place in JSON that was written without spaces, as the log's lines are. It finds out where a value stands without
 * parsing what is around it, in one pass. Throws SyntaxError where the bytes aren't such JSON.
 */
export class JsonCursor {
  at: number;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Goes into the object or list that begins here; false, and stays, where another value does. */
  enter(): boolean {
    const byte = this.bytes[this.at];
    if (byte !== OPEN_OBJECT && byte !== OPEN_LIST) return false;
    this.at++;
    return true;
  }

  /** Goes on to the value of the next field, and gives its name; undefined behind the object's end. */
  field(): string | undefined {
    if (!this.next(CLOSE_OBJECT)) return undefined;
    const end = endOfString(this.bytes, this.at);
    const name = this.bytes.toString('latin1', this.at + 1, end - 1);
    if (this.bytes[end] !== COLON) throw new SyntaxError('a field has no value');
    this.at = end + 1;
    return name;
  }

  /** Goes on to the next item of a list; false behind the list's end. */
  item(): boolean {
    return this.next(CLOSE_LIST);
  }

  /** Goes on behind the value that begins here. */
  skip(): void {
    this.at = offsetBehind(this.bytes, this.at, 0);
  }

  /** Goes on behind the object or list that this place is in. */
  leave(): void {
    this.at = offsetBehind(this.bytes, this.at, 1);
  }

  private next(closing: number): boolean {
    if (this.bytes[this.at] === COMMA) this.at++;
    if (this.bytes[this.at] !== closing) return true;
    this.at++;
    return false;
  }
}
